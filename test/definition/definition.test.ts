import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { createAppHandler } from '../../local/zapier/platform.ts';
import { app } from '../support/app.ts';

/** lodash, as the platform uses it to copy the definition for every event. */
const { cloneDeep } = createRequire(import.meta.url)('lodash') as {
  cloneDeep: <T>(value: T) => T;
};

async function definitionOf(definition: unknown): Promise<unknown> {
  const { results } = await createAppHandler(definition)({
    command: 'definition',
    calledFromCli: true,
  });
  return results;
}

const KINDS = ['triggers', 'searches', 'creates'] as const;

interface Step {
  operation: {
    inputFields: readonly object[];
    outputFields: readonly (object | (() => unknown))[];
    sample: object;
  };
}

/** The steps of a kind, made of plain objects that the platform copies and rebuilds. */
function plain(steps: Readonly<Record<string, Step>>): Record<string, unknown> {
  const copy = (field: object): object => (typeof field === 'function' ? field : { ...field });
  return Object.fromEntries(
    Object.entries(steps).map(([key, { operation, ...step }]) => [
      key,
      {
        ...step,
        operation: {
          ...operation,
          sample: { ...operation.sample },
          inputFields: operation.inputFields.map(copy),
          outputFields: operation.outputFields.map(copy),
        },
      },
    ]),
  );
}

describe('the definition that is spared from copying', () => {
  it('is for Zapier the same, to the letter, as one that is copied', async () => {
    const copied = { ...app, ...Object.fromEntries(KINDS.map((kind) => [kind, plain(app[kind])])) };
    expect(cloneDeep(copied).triggers).not.toBe(copied.triggers);
    expect(JSON.stringify(await definitionOf(app))).toBe(
      JSON.stringify(await definitionOf(copied)),
    );
  });

  it.each(KINDS)('is really left out of the copy: %s', (kind) => {
    expect(cloneDeep({ steps: app[kind] }).steps).toBe(app[kind]);
  });

  it.each(KINDS)('cannot be changed: %s', (kind) => {
    expect(Object.isFrozen(app[kind])).toBe(true);
    for (const { operation } of Object.values<Step>(app[kind])) {
      expect(Object.isFrozen(operation.sample)).toBe(true);
      const loose = [...operation.inputFields, ...operation.outputFields].filter(
        (field) => typeof field !== 'function' && !('choices' in field) && !Object.isFrozen(field),
      );
      expect(loose).toEqual([]);
    }
  });
});
