import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { createAnswerCheck, type Description } from '../../../local/attro/answer-check.ts';

/** The sandbox holds each of its own answers to the description of the API. */

const description = new URL('../../../attro/openapi.yaml', import.meta.url);
const check = createAnswerCheck(parse(readFileSync(description, 'utf8')) as Description);

const ENDPOINT = {
  ...{ id: 'wh_1', url: 'https://a.example/', events: ['payout.failed'], status: 'active' },
  created_at: '2026-01-26T10:30:00Z',
};
const PAGE = { data: [ENDPOINT], next_cursor: null };

describe('an answer passes', () => {
  it.each<[string, string, number, object | undefined]>([
    ['as it is described', 'listWebhooks', 200, PAGE],
    ['as an error of every operation', 'getMe', 401, { error: 'No', retryable: false }],
    ['without a body', 'deleteWebhook', 204, undefined],
  ])('%s', (_case, operation, status, body) => {
    expect(check(operation, { status, ...(body && { body }) })).toBeUndefined();
  });
});

describe('an answer is found out', () => {
  it.each<[string, string, number, object | undefined, RegExp]>([
    ['without a field', 'listWebhooks', 200, { data: [] }, /body must have required.*next_cursor/],
    [
      'with a fault deep inside',
      'listWebhooks',
      200,
      { ...PAGE, data: [{ ...ENDPOINT, url: 5 }] },
      /body\/data\/0\/url must be string/,
    ],
    ['with another event', 'getWebhook', 200, { ...ENDPOINT, events: ['x.y'] }, /body\/events\/0/],
    [
      'with a status that is not described',
      'getMe',
      201,
      {},
      /getMe is not described to answer 201/,
    ],
    ['of an operation that is not', 'getThem', 200, {}, /getThem is not described/],
    ['without its body', 'getMe', 200, undefined, /getMe \(200\): body must be object/],
  ])('%s', (_case, operation, status, body, said) => {
    expect(check(operation, { status, ...(body && { body }) })).toMatch(said);
  });
});
