import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { definitionKeys, keyProblems, type KeyRecord } from '../../scripts/keys.ts';

const recorded = JSON.parse(
  readFileSync(new URL('./keys.json', import.meta.url), 'utf8'),
) as KeyRecord;

type Keys = KeyRecord['triggers'][string];

/** The recorded keys with one trigger's changed. */
function changed(change: (trigger: Keys) => Keys | undefined): KeyRecord {
  const { payout_sent: before, ...others } = recorded.triggers;
  const after = before && change(structuredClone(before));
  return { ...recorded, triggers: after ? { ...others, payout_sent: after } : others };
}

it("no key that users' Zaps hold was removed, renamed or changed, and every new one is on record", () => {
  expect(keyProblems(recorded, definitionKeys())).toEqual([]);
});

describe('the guard notices', () => {
  it('a trigger that was removed', () => {
    expect(
      keyProblems(
        recorded,
        changed(() => undefined),
      ),
    ).toContain("the trigger payout_sent was removed or renamed: it is in users' Zaps for ever.");
  });

  it('an action that was removed', () => {
    const { record_conversion: _removed, ...creates } = recorded.creates;
    expect(keyProblems(recorded, { ...recorded, creates })).toContain(
      "the action record_conversion was removed or renamed: it is in users' Zaps for ever.",
    );
  });

  it('an output that was renamed', () => {
    const current = changed(({ inputs, outputs: { method: _method, ...outputs } }) => ({
      inputs,
      outputs: { ...outputs, payout_method: 'string' },
    }));
    expect(keyProblems(recorded, current)).toEqual([
      "the output payout_sent.method was removed or renamed: it is in users' Zaps for ever.",
      'the output payout_sent.payout_method is new: record it with "npm run keys".',
    ]);
  });

  it('an input that was removed', () => {
    const current = changed(({ outputs }) => ({ inputs: {}, outputs }));
    expect(keyProblems(recorded, current)).toHaveLength(3);
  });

  it('a type that was changed', () => {
    const current = changed(({ inputs, outputs }) => ({
      inputs,
      outputs: { ...outputs, amount: 'string' },
    }));
    expect(keyProblems(recorded, current)).toEqual([
      'the output payout_sent.amount was number and is string now: types are for ever too.',
    ]);
  });
});

it('a key that was added and recorded is fine', () => {
  const grown = changed(({ inputs, outputs }) => ({
    inputs,
    outputs: { ...outputs, fee: 'number' },
  }));
  expect(keyProblems(grown, grown)).toEqual([]);
});
