import { describe, expect, it } from '@jest/globals';
import { runSteps, type Given, type ZapStep } from '../../../local/zapier/zap-steps.ts';

const PAIRS = { find_affiliate: { search: 'find_affiliate', create: 'create_affiliate' } };
const TRIGGER = { id: 'pi_1', email: 'jane@example.com' };

/** An app whose functions answer as told, and what it was asked. */
function app(answers: Readonly<Record<string, unknown>>) {
  const asked: [method: string, bundle: Record<string, unknown>][] = [];
  const call = (method: string, bundle: Record<string, unknown>): Promise<unknown> => {
    asked.push([method, bundle]);
    const answer = answers[method];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { asked, call };
}

function step(kind: ZapStep['kind'], name: string, key: string): ZapStep {
  return { kind, name, key, inputs: (given: Given) => ({ from: Object.keys(given) }) };
}

const FIND = 'searches.find_affiliate.operation.perform';
const CREATE = 'creates.create_affiliate.operation.perform';
const RECORD = 'creates.record_conversion.operation.perform';
const steps = [
  step('search', 'affiliate', 'find_affiliate'),
  step('create', 'conversion', 'record_conversion'),
];

describe('the steps of a Zap', () => {
  it('run one after the other, each with what those before have given', async () => {
    const { asked, call } = app({
      [FIND]: [{ id: 'first' }, { id: 'second' }],
      [RECORD]: { id: 'conv_1' },
    });
    expect(await runSteps(call, PAIRS, steps, TRIGGER)).toEqual({
      given: { trigger: TRIGGER, affiliate: { id: 'first' }, conversion: { id: 'conv_1' } },
    });
    expect(asked).toEqual([
      [FIND, { inputData: { from: ['trigger'] } }],
      [RECORD, { inputData: { from: ['trigger', 'affiliate'] }, meta: {} }],
    ]);
  });

  it('end without an error where a search finds nothing', async () => {
    const { asked, call } = app({ [FIND]: [] });
    expect(await runSteps(call, PAIRS, steps, TRIGGER)).toEqual({
      given: { trigger: TRIGGER },
      nothingFound: 'affiliate',
    });
    expect(asked).toHaveLength(1);
  });

  it('end with the error of the step that failed', async () => {
    const { call } = app({ [FIND]: [{ id: 'first' }], [RECORD]: new Error('Not allowed') });
    expect(await runSteps(call, PAIRS, steps, TRIGGER)).toMatchObject({
      error: { step: 'conversion', message: 'Not allowed' },
    });
  });

  const findOrCreate = [step('search or create', 'affiliate', 'find_affiliate')];

  it('find or create: what is found is not created', async () => {
    const { asked, call } = app({ [FIND]: [{ id: 'found' }] });
    const { given } = await runSteps(call, PAIRS, findOrCreate, TRIGGER);
    expect(given['affiliate']).toEqual({ id: 'found' });
    expect(asked).toHaveLength(1);
  });

  it('find or create: what is not found is created, as the definition says', async () => {
    const { asked, call } = app({ [FIND]: [], [CREATE]: { id: 'new' } });
    const { given } = await runSteps(call, PAIRS, findOrCreate, TRIGGER);
    expect(given['affiliate']).toEqual({ id: 'new' });
    expect(asked[1]).toEqual([
      CREATE,
      { inputData: { from: ['trigger'] }, meta: { withSearch: 'find_affiliate' } },
    ]);
    expect(await runSteps(call, {}, findOrCreate, TRIGGER)).toMatchObject({
      error: { message: 'The definition has no search-or-create find_affiliate.' },
    });
  });
});
