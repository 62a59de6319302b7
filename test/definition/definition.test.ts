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

describe('the definition that is spared from copying', () => {
  it('is for Zapier the same, to the letter, as one that is copied', async () => {
    const plain = Object.fromEntries(
      Object.entries(app.triggers).map(([key, { operation, ...trigger }]) => [
        key,
        {
          ...trigger,
          operation: {
            ...operation,
            sample: { ...operation.sample },
            outputFields: operation.outputFields.map((field) =>
              typeof field === 'function' ? field : { ...field },
            ),
          },
        },
      ]),
    );
    const copied = { ...app, triggers: plain };
    expect(cloneDeep(copied).triggers).not.toBe(copied.triggers);
    expect(JSON.stringify(await definitionOf(app))).toBe(
      JSON.stringify(await definitionOf(copied)),
    );
  });

  it('is really left out of the copy', () => {
    expect(cloneDeep({ triggers: app.triggers }).triggers).toBe(app.triggers);
  });

  it('cannot be changed', () => {
    expect(Object.isFrozen(app.triggers)).toBe(true);
    for (const { operation } of Object.values(app.triggers)) {
      expect(Object.isFrozen(operation.sample)).toBe(true);
      const loose = operation.outputFields.filter(
        (field) => typeof field !== 'function' && !Object.isFrozen(field),
      );
      expect(loose).toEqual([]);
    }
  });
});
