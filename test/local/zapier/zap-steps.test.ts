import { describe, expect, it } from '@jest/globals';
import type { Definition, InputField, Step } from '../../../local/zapier/definition.ts';
import { runSteps, type ZapStep } from '../../../local/zapier/zap-steps.ts';

function defined(...inputFields: InputField[]): Step {
  return { display: {}, operation: { inputFields } };
}

const DEFINITION = {
  searches: { find_affiliate: defined({ key: 'email' }) },
  creates: {
    create_affiliate: defined({ key: 'email' }, { key: 'name', required: true }),
    record_conversion: defined({ key: 'affiliate', required: true }, { key: 'note' }),
  },
  searchOrCreates: {
    find_affiliate: { search: 'find_affiliate', create: 'create_affiliate', display: {} },
  },
} satisfies Definition;
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

const FIND = 'searches.find_affiliate.operation.perform';
const CREATE = 'creates.create_affiliate.operation.perform';
const RECORD = 'creates.record_conversion.operation.perform';

const find: ZapStep = {
  kind: 'search',
  name: 'affiliate',
  key: 'find_affiliate',
  inputs: ({ trigger }) => ({ email: trigger?.['email'] }),
};
const record: ZapStep = {
  kind: 'create',
  name: 'conversion',
  key: 'record_conversion',
  inputs: ({ affiliate }) => ({ affiliate: affiliate?.['id'], note: '' }),
};
const findOrCreate: ZapStep = {
  ...find,
  kind: 'search or create',
  inputs: ({ trigger }) => ({ email: trigger?.['email'], name: 'Jane' }),
};

describe('the steps of a Zap', () => {
  it('run one after the other, each with what those before have given', async () => {
    const { asked, call } = app({
      [FIND]: [{ id: 'first' }, { id: 'second' }],
      [RECORD]: { id: 'conv_1' },
    });
    expect(await runSteps(DEFINITION, call, [find, record], TRIGGER)).toEqual({
      given: { trigger: TRIGGER, affiliate: { id: 'first' }, conversion: { id: 'conv_1' } },
    });
    expect(asked).toEqual([
      [FIND, { inputData: { email: 'jane@example.com' } }],
      [RECORD, { inputData: { affiliate: 'first' } }],
    ]);
  });

  it('end without an error where a search finds nothing', async () => {
    const { asked, call } = app({ [FIND]: [] });
    expect(await runSteps(DEFINITION, call, [find, record], TRIGGER)).toEqual({
      given: { trigger: TRIGGER },
      nothingFound: 'affiliate',
    });
    expect(asked).toHaveLength(1);
  });

  it('end with the error of the step that failed', async () => {
    const { call } = app({ [FIND]: [{ id: 'first' }], [RECORD]: new Error('Not allowed') });
    expect(await runSteps(DEFINITION, call, [find, record], TRIGGER)).toMatchObject({
      error: { step: 'conversion', message: 'Not allowed' },
    });
  });

  it('end before the app is asked where a required input came out empty', async () => {
    const { asked, call } = app({ [FIND]: [{ name: 'without an id' }] });
    expect(await runSteps(DEFINITION, call, [find, record], TRIGGER)).toMatchObject({
      error: { step: 'conversion', message: 'Zapier asks for what is required: affiliate.' },
    });
    expect(asked).toHaveLength(1);
  });

  it('find or create: what is not found is created, each with its own inputs', async () => {
    const { asked, call } = app({ [FIND]: [], [CREATE]: { id: 'new' } });
    const { given } = await runSteps(DEFINITION, call, [findOrCreate], TRIGGER);
    expect(given['affiliate']).toEqual({ id: 'new' });
    expect(asked).toEqual([
      [FIND, { inputData: { email: 'jane@example.com' } }],
      [CREATE, { inputData: { email: 'jane@example.com', name: 'Jane' } }],
    ]);
  });

  it.each<[string, ZapStep, Definition, string]>([
    [
      'nobody defined',
      findOrCreate,
      { ...DEFINITION, searchOrCreates: {} },
      'The definition has no searchOrCreates.find_affiliate.',
    ],
    [
      'is hidden',
      find,
      {
        searches: {
          find_affiliate: { ...DEFINITION.searches.find_affiliate, display: { hidden: true } },
        },
      },
      'searches.find_affiliate is hidden: nobody can choose it.',
    ],
    [
      'needs more to create than to find',
      { ...findOrCreate, inputs: find.inputs },
      DEFINITION,
      'Zapier asks for what is required: name.',
    ],
    [
      'has no such input',
      { ...findOrCreate, inputs: () => ({ name: 'Jane', phone: '1' }) },
      DEFINITION,
      'The step has no input phone.',
    ],
  ])('end before the app is asked at a step that %s', async (_name, step, definition, message) => {
    const { asked, call } = app({});
    const run = await runSteps(definition, call, [step], TRIGGER);
    expect(run).toMatchObject({ error: { step: 'affiliate', message } });
    expect(asked).toEqual([]);
  });
});
