import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { definitionKeys, keyProblems, type KeyRecord } from '../../scripts/keys.ts';

const recorded = JSON.parse(
  readFileSync(new URL('./keys.json', import.meta.url), 'utf8'),
) as KeyRecord;

/** The recorded keys after a change. */
function changed(change: (keys: KeyRecord, payout: KeyRecord['triggers'][string]) => void) {
  const keys = structuredClone(recorded);
  const { payout_sent } = keys.triggers;
  if (payout_sent) change(keys, payout_sent);
  return keys;
}

const GONE = "was removed or renamed: it is in users' Zaps for ever.";

it("no key that users' Zaps hold was removed, renamed or changed, and every new one is on record", () => {
  expect(keyProblems(recorded, definitionKeys())).toEqual([]);
});

it('the guard notices that a step is gone', () => {
  const current = changed(({ triggers, creates }) => {
    delete triggers['payout_sent'];
    delete creates['record_conversion'];
  });
  const problems = keyProblems(recorded, current);
  expect(problems).toContain(`the trigger payout_sent ${GONE}`);
  expect(problems).toContain(`the action record_conversion ${GONE}`);
});

it('the guard notices each input and output that is gone, new or of another type', () => {
  const current = changed((_keys, { inputs, outputs }) => {
    delete inputs['method'];
    delete outputs['method'];
    outputs['payout_method'] = 'string';
    outputs['amount'] = 'string';
  });
  expect(keyProblems(recorded, current).sort()).toEqual([
    `the input payout_sent.method ${GONE}`,
    'the output payout_sent.amount was number and is string now: types are for ever too.',
    `the output payout_sent.method ${GONE}`,
    'the output payout_sent.payout_method is new: record it with "npm run keys".',
  ]);
});
