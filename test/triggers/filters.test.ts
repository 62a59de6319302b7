import { describe, expect, it } from '@jest/globals';
import { EVENTS } from '../../attro/contract.ts';
import type { TriggerKey } from '../../triggers/index.ts';
import { TRIGGER_TABLE } from '../../triggers/table.ts';
import { app, call, callTrigger, errorOf, messageOf, type Flat } from '../support/app.ts';
import { attro, mockNetwork } from '../support/attro.ts';
import { receivedSigned, sample, sampleWith, SECRET, SUBSCRIPTION } from '../support/deliveries.ts';

mockNetwork();

type Inputs = Record<string, unknown>;

const targetUrl = 'https://hooks.zapier.com/hooks/standard/1/abc/';

/** Attro's records that filters may name. Two affiliates have one name, told apart by their companies. */
const AFFILIATES = [
  { id: 'aff_xyz789', display_name: 'John Smith', email: 'john@example.com' },
  { id: 'aff_2', display_name: 'José Núñez', company_name: 'Acme Corp' },
  { id: 'aff_3', display_name: 'José Núñez', company_name: 'Other Corp' },
];
const OFFERS = [
  { id: 'off_def456', name: 'Pro Plan' },
  { id: 'off_2', name: 'Basic' },
  { id: 'off_3', name: 'Basic' },
];

/** Has Attro answer whatever is asked of these records and of subscriptions; notes what that is. */
function attroWithRecords(): string[] {
  const asked: string[] = [];
  const note = (request: Request): URL => {
    const url = new URL(request.url);
    asked.push(`${request.method} ${url.pathname.replace('/api/v1', '')}${url.search}`);
    return url;
  };
  for (const [path, records] of [
    ['affiliates', AFFILIATES],
    ['offers', OFFERS],
  ] as const) {
    const anyOf = attro()
      .get(new RegExp(`^/api/v1/${path}`))
      .times(99)
      .optionally();
    anyOf.reply((request: Request) => {
      const { pathname, searchParams } = note(request);
      const id = pathname.split('/')[4];
      if (id === undefined) {
        const search = searchParams.get('search')?.toLowerCase() ?? '';
        const data = records.filter((record) =>
          Object.values(record).slice(1).join('\n').toLowerCase().includes(search),
        );
        return [200, { data, next_cursor: null }];
      }
      const record = records.find((each) => each.id === id);
      return record ? [200, record] : [404, { error: 'Not found' }];
    });
  }
  for (const [method, status, body] of [
    ['POST', 201, { id: 'wh_1' }],
    ['GET', 200, []],
  ] as const) {
    const anyOf = attro()
      .intercept(/^\/api\/v1\/webhooks/, method)
      .times(9)
      .optionally();
    anyOf.reply((request: Request) => {
      note(request);
      return [status, body];
    });
  }
  return asked;
}

function eventOf(key: TriggerKey) {
  const row = TRIGGER_TABLE.find((candidate) => candidate.key === key);
  if (!row) throw new Error(key);
  return row.event;
}

/** Delivers a record to a narrowed trigger. */
async function delivered(
  key: TriggerKey,
  inputData: Inputs,
  data: Inputs,
  subscribeData: unknown = SUBSCRIPTION,
) {
  const bundle = await receivedSigned(sampleWith(eventOf(key), data), { inputData, subscribeData });
  const { results, logs } = await callTrigger(key, 'perform', bundle);
  return { ran: results.length === 1, log: logs.join('\n') };
}

/** Turns a Zap on, and gives what Zapier stores of that, with the secret that the tests sign with. */
async function turnedOn(key: TriggerKey, inputData: Inputs): Promise<Inputs> {
  const { results } = await callTrigger<Inputs>(key, 'performSubscribe', { inputData, targetUrl });
  return { ...results, secret: SECRET };
}

/** Lists the same record, however Attro itself narrows its list. */
async function listed(key: TriggerKey, inputData: Inputs, data: Inputs) {
  const event = eventOf(key);
  const queries: Record<string, unknown>[] = [];
  attro()
    .get(EVENTS[event].list.path)
    .query((query) => queries.push(query) > 0)
    .reply(200, [{ ...sample(event).data, ...data }]);
  const { results } = await callTrigger(key, 'performList', {
    inputData,
    meta: { isLoadingSample: true },
  });
  return { found: results.length === 1, query: queries[0] };
}

interface FilterCase {
  key: TriggerKey;
  input: string;
  label: string;
  /** Ways in which a user may fill in the value that the event's sample has. */
  ways: Record<string, unknown>;
  /** What says nothing; null where Attro alone knows what does. */
  nonsense: string | null;
  /** What else is filled in. */
  beside: Inputs;
  /** What makes another record of the sample, which does not fit. */
  other: Inputs;
}

/** The names that Attro has for outputs, where they differ. */
const ATTRO_NAMES: Readonly<Record<string, string>> = { affiliate_type: 'type' };

/** Every filter with the ways to fill it in, from the definition alone. Triggers of a family share theirs. */
function filterCases(): FilterCase[] {
  const seen = new Set<string>();
  return TRIGGER_TABLE.flatMap(({ key }) => {
    const { inputFields, sample: shown } = app.triggers[key].operation;
    const unseen = inputFields.filter((field) => {
      const text = JSON.stringify(field);
      return !seen.has(text) && seen.add(text);
    });
    return unseen.map(({ key: input, label = '', type, choices }): FilterCase => {
      const output = input.replace(/^min_/, '');
      const value = (shown as Flat)[output];
      const text = String(value);
      const written = { value, 'blanks around': `  ${text} `, 'other case': text.toUpperCase() };
      const name = ATTRO_NAMES[output] ?? output;
      const described = { key, input, label, beside: {}, nonsense: 'zzz nonsense' };
      if (type === 'number') {
        const beside = input === 'min_amount' ? { currency: 'USD' } : {};
        const ways = { value, text, 'blanks around': ` ${text} `, zero: 0 };
        return { ...described, ways, beside, other: { [name]: -1 } };
      }
      if (choices && 'perform' in choices) {
        const kind = input.replace(/_id$/, '_name');
        const called = String((shown as Flat)[kind]);
        const ways = {
          ...written,
          name: called,
          label: called,
          'name in other words': called.toUpperCase().replace(' ', '_'),
        };
        return { ...described, ways, other: { [name]: 'x_2', [kind]: 'Other' } };
      }
      if (choices) {
        const named = Object.entries(choices as Record<string, string>);
        const known = named.find(([choice]) => choice === value)?.[1] ?? '';
        const ways = {
          ...written,
          label: known,
          'label in other words': known.toLowerCase().replace(' ', '-'),
        };
        const other = named.find(([choice]) => choice !== value)?.[0];
        return { ...described, ways, other: { [name]: other } };
      }
      if (input === 'currency')
        return { ...described, ways: written, nonsense: '$', other: { currency: 'EUR' } };
      const spaced = `${text.slice(0, 3)} ${text.slice(3)}`;
      return {
        ...described,
        ways: { ...written, spaced },
        nonsense: null,
        other: { [name]: 'another' },
      };
    });
  });
}

const ALL = filterCases();

describe.each(ALL)('$key, $label', ({ key, input, label, ways, nonsense, beside, other }) => {
  it.each(Object.entries(ways))('takes its %s: %j', async (_way, value) => {
    attroWithRecords();
    const inputData = { ...beside, [input]: value };
    const stored = await turnedOn(key, inputData);
    for (const subscribeData of [SUBSCRIPTION, stored]) {
      expect(await delivered(key, inputData, {}, subscribeData)).toMatchObject({
        ran: true,
        log: '',
      });
      expect(await delivered(key, inputData, other, subscribeData)).toMatchObject({ ran: false });
    }
  });

  if (nonsense === null) return;

  it('refuses nonsense by its label, when the Zap is turned on and in the editor', async () => {
    attroWithRecords();
    const inputData = { ...beside, [input]: nonsense };
    for (const name of ['performSubscribe', 'performList'] as const) {
      const { message, code } = messageOf(await errorOf(callTrigger(key, name, { inputData })));
      expect(code).toBe('input');
      expect(message).toMatch(new RegExp(`^${label} (must be|("zzz nonsense" )?names no) `));
    }
  });

  it('leaves nothing out by nonsense that was filled in since, and says so in the log', async () => {
    attroWithRecords();
    const stored = await turnedOn(key, {});
    const inputData = { ...beside, [input]: nonsense };
    const { ran, log } = await delivered(key, inputData, {}, stored);
    expect(ran).toBe(true);
    expect(log).toContain(`The Zap runs, since these filters could not be applied: ${label}.`);
    expect(log).not.toContain(nonsense);
  });
});

it('the table has every kind of filter', () => {
  expect([...new Set(ALL.map(({ input }) => input))].sort()).toEqual([
    'affiliate_id',
    'affiliate_type',
    'currency',
    'method',
    'min_amount',
    'min_fraud_score',
    'offer_id',
  ]);
});

type Case = [key: TriggerKey, inputs: Inputs, data: Inputs, fits: boolean];

const CASES: Case[] = [
  ['affiliate_approved', { affiliate_type: '' }, { type: 'internal' }, true],
  ['new_affiliate', { affiliate_type: 'Internal user' }, { type: 'INTERNAL' }, true],
  ['new_conversion', { min_amount: '99', currency: 'usd' }, { amount: '99.00' }, true],
  ['new_conversion', { min_amount: 99.01, currency: 'USD' }, { amount: 99 }, false],
  ['new_conversion', { min_amount: 1, currency: 'USD' }, { currency: 'EUR' }, false],
  ['new_conversion', { currency: 'EUR' }, { currency: 'EUR' }, true],
  ['payout_sent', { min_amount: 500, currency: 'USD' }, {}, true],
  ['payout_failed', { min_amount: 600, currency: 'USD' }, {}, false],
  ['payout_sent', { method: 'Bank Transfer' }, { method: 'bank_transfer' }, true],
  ['payout_sent', { method: 'bank-transfér' }, { method: 'Bank Transfer' }, true],
  ['payout_sent', { method: '--' }, { method: '__' }, false],
  ['high_fraud_score', { min_fraud_score: '90' }, { fraud_score: 87 }, false],
  ['high_fraud_score', { min_fraud_score: 0 }, { fraud_score: 76 }, true],
];

describe('a filter narrows deliveries and the list alike', () => {
  it.each(CASES)('%s %j %j: %p', async (key, inputs, data, fits) => {
    expect(await delivered(key, inputs, data)).toMatchObject({ ran: fits });
    expect(await listed(key, inputs, data)).toMatchObject({ found: fits });
  });

  it('says in the log that a delivery does not fit', async () => {
    const { log } = await delivered('payout_sent', { method: 'wire' }, {});
    expect(log).toMatch(/it does not fit the filters of the trigger/);
  });
});

describe('a delivery that lacks what a filter needs runs the Zap, and the log says which filter', () => {
  it.each<[TriggerKey, Inputs, Inputs, string]>([
    ['new_affiliate', { affiliate_type: 'external' }, { type: null }, 'Affiliate Type'],
    ['new_conversion', { offer_id: 'off_1' }, { offer_id: '' }, 'Offer'],
    ['new_conversion', { offer_id: 'Basic' }, { offer_name: null }, 'Offer'],
    ['new_conversion', { affiliate_id: 'aff_1' }, { affiliate_id: null }, 'Affiliate'],
    ['new_conversion', { min_amount: 500, currency: 'USD' }, { amount: null }, 'Minimum Amount'],
    ['new_conversion', { min_amount: 500, currency: 'USD' }, { amount: 'much' }, 'Minimum Amount'],
    ['new_conversion', { min_amount: 5, currency: 'USD' }, { currency: null }, 'Currency'],
    ['payout_sent', { method: 'paypal' }, { method: null }, 'Payout Method'],
    ['high_fraud_score', { min_fraud_score: 90 }, { fraud_score: null }, 'Minimum Fraud Score'],
    // A Zap that was edited since, or one whose Currency is mapped to nothing.
    ['new_conversion', { min_amount: 500 }, { amount: 1 }, 'Minimum Amount'],
    ['new_conversion', { affiliate_id: 'john@example.com' }, {}, 'Affiliate'],
    ['new_conversion', { min_amount: '5', currency: '€' }, {}, 'Currency'],
  ])('%s %j %j', async (key, inputs, data, label) => {
    const { ran, log } = await delivered(key, inputs, data);
    expect(ran).toBe(true);
    expect(log).toContain(`The Zap runs, since these filters could not be applied: ${label}.`);
  });

  it('but not when another filter tells that it differs', async () => {
    const inputs = { affiliate_id: 'aff_other', min_amount: 5, currency: 'USD' };
    const { ran } = await delivered('new_conversion', inputs, { amount: null });
    expect(ran).toBe(false);
  });
});

const NO_AMOUNT = /^Minimum Amount must be a plain number of 0 or more, such as 500/;
const NO_CURRENCY = (came: string): RegExp =>
  new RegExp(`^Currency must be the code .* "${came}" is none\\.$`);
const NO_TYPE = /^Affiliate Type must be External Partner or Internal User; "ambassador" is not\.$/;
const NO_EMAIL = /^Affiliate must be an ID or a full name here, since no event carries the email/;
const NAMESAKES = /^Affiliate names 2 affiliates .* Pick the right one from the list/;
const NOBODY = /^Affiliate names no affiliate .* must be an ID or a full name:/;
const GONE = /^Offer "off_gone" names no offer .* must be an ID or a full name.*Find Offer/;

describe('inputs that cannot work are told before a Zap is turned on or tested', () => {
  it.each<[TriggerKey, Inputs, RegExp]>([
    ['new_conversion', { min_amount: 'lots', currency: 'USD' }, NO_AMOUNT],
    ['new_conversion', { min_amount: 5 }, /Fill in Currency as well/],
    ['payout_sent', { min_amount: 5, currency: ' ' }, /Fill in Currency as well/],
    ['payout_sent', { min_amount: 5, currency: '$' }, NO_CURRENCY('\\$')],
    ['payout_sent', { currency: 'XYZ' }, NO_CURRENCY('XYZ')],
    ['high_fraud_score', { min_fraud_score: 101 }, /from 0 to 100; "101" is not/],
    ['high_fraud_score', { min_fraud_score: -1 }, /from 0 to 100/],
    ['new_affiliate', { affiliate_type: 'ambassador' }, NO_TYPE],
    ['new_conversion', { affiliate_id: 'john@example.com' }, NO_EMAIL],
    ['new_conversion', { affiliate_id: 'Jose Nunez' }, NAMESAKES],
    // No event carries an email address, so none is suggested.
    ['new_conversion', { affiliate_id: 'Nobody' }, NOBODY],
    ['new_conversion', { affiliate_id: '..' }, /^Affiliate must be an ID or a full name\./],
    ['new_conversion', { offer_id: 'basic' }, /^Offer "basic" names 2 offers/],
    ['new_conversion', { offer_id: 'off_gone' }, GONE],
    [
      'new_conversion',
      { currency: '$', affiliate_id: '..' },
      /^Affiliate must be .* Currency must be/,
    ],
  ])('%s %j', async (key, inputData, expected) => {
    attroWithRecords();
    for (const name of ['performList', 'performSubscribe'] as const) {
      const error = await errorOf(callTrigger(key, name, { inputData }));
      expect(messageOf(error).message).toMatch(expected);
    }
  });
});

describe('a record that a filter names is looked up when the Zap is turned on', () => {
  it.each<[Inputs, string[]]>([
    [{}, []],
    [{ currency: 'USD' }, []],
    [{ offer_id: 'off_def456' }, ['GET /offers/off_def456']],
    [{ offer_id: 'Pro Plan' }, ['GET /offers?search=Pro+Plan&limit=100']],
    [
      { offer_id: 'pro-plán' },
      ['GET /offers?search=pro-pl%C3%A1n&limit=100', 'GET /offers?limit=100'],
    ],
    [
      { affiliate_id: 'aff_xyz789', offer_id: 'pro plan' },
      ['GET /affiliates/aff_xyz789', 'GET /offers?search=pro+plan&limit=100'],
    ],
  ])('%j: before the two requests of subscribing', async (inputData, lookups) => {
    const asked = attroWithRecords();
    await turnedOn('new_conversion', inputData);
    expect(asked.map((each) => each.replaceAll('%20', '+')).sort()).toEqual(
      [...lookups, 'POST /webhooks', 'GET /webhooks?limit=100'].sort(),
    );
  });

  it('by what its dropdown shows, which tells namesakes apart; deliveries are judged by the id', async () => {
    attroWithRecords();
    const inputData = { affiliate_id: 'José Núñez (Other Corp)' };
    const stored = await turnedOn('new_conversion', inputData);
    const namesake = { affiliate_id: 'aff_2', affiliate_name: 'José Núñez' };
    const runs = async (data: Inputs, subscribeData?: unknown) =>
      (await delivered('new_conversion', inputData, data, subscribeData)).ran;
    expect(await runs({ ...namesake, affiliate_id: 'aff_3' }, stored)).toBe(true);
    expect(await runs(namesake, stored)).toBe(false);
    // With nothing known, a name without its hint is enough.
    expect(await runs(namesake)).toBe(true);
  });

  it('so that it may be renamed', async () => {
    attroWithRecords();
    const inputData = { offer_id: 'Pro Plan' };
    const stored = await turnedOn('new_conversion', inputData);
    const renamed = await delivered('new_conversion', inputData, { offer_name: 'Pro' }, stored);
    expect(renamed).toMatchObject({ ran: true, log: '' });
  });

  it('and narrows the list by its id', async () => {
    attro().get('/api/v1/offers').query({ search: 'Pro Plan', limit: 100 }).reply(200, OFFERS);
    const { query } = await listed('new_conversion', { offer_id: 'Pro Plan' }, {});
    expect(query).toEqual({ offer_id: 'off_def456', limit: '100' });
  });

  it('is not refused where Attro has more than three pages of what may be it', async () => {
    attro()
      .get('/api/v1/offers')
      .query(({ search }) => search === 'Plan')
      .reply(200, { data: [{ id: 'off_9', name: 'Plan B' }], next_cursor: null });
    attro()
      .get('/api/v1/offers')
      .query(({ search }) => search === undefined)
      .times(2)
      .reply(200, { data: [{ id: 'off_9', name: 'Plan B' }], next_cursor: 'more' });
    const asked = attroWithRecords();
    const stored = await turnedOn('new_conversion', { offer_id: 'Plan' });
    expect(asked).toHaveLength(2);
    expect(stored['filter_records']).toEqual({});
  });

  it('is refused where it is an ID that Attro does not have, however many records there are', async () => {
    attro().get('/api/v1/offers/off_gone').reply(404, {});
    attro()
      .get('/api/v1/offers')
      .query(true)
      .times(3)
      .reply(200, { data: OFFERS, next_cursor: 'more' });
    const error = await errorOf(turnedOn('new_conversion', { offer_id: 'off_gone' }));
    expect(messageOf(error).message).toMatch(/^Offer "off_gone" names no offer/);
  });

  it.each([403, 500])('is not refused where Attro answers %i', async (status) => {
    attro().get('/api/v1/offers').query(true).reply(status, {});
    attroWithRecords();
    const inputData = { offer_id: 'Basic' };
    const stored = await turnedOn('new_conversion', inputData);
    // Nobody knows whether there is such an offer, so nothing is left out by it.
    expect(await delivered('new_conversion', inputData, {}, stored)).toMatchObject({ ran: true });
  });

  it('and a name that could not be looked up is not asked for as an id', async () => {
    attro().get('/api/v1/offers').query(true).reply(500, {});
    const { query } = await listed('new_conversion', { offer_id: 'Pro Plan' }, {});
    expect(query).toEqual({ limit: '100' });
  });

  it('leaves it to Zapier to renew a token', async () => {
    attro().get('/api/v1/offers').query(true).reply(401, {});
    const error = await errorOf(turnedOn('new_conversion', { offer_id: 'Pro Plan' }));
    expect(error.name).toBe('RefreshAuthError');
  });
});

describe("Attro's own list is asked for what fits", () => {
  it.each<[TriggerKey, Inputs, Record<string, string>]>([
    ['new_affiliate', { affiliate_type: 'External Partner' }, { type: 'external', limit: '100' }],
    ['new_affiliate', {}, { limit: '3' }],
    ['affiliate_approved', {}, { status: 'active', limit: '3' }],
    ['high_fraud_score', {}, { min_fraud_score: '0', limit: '100' }],
    ['high_fraud_score', { min_fraud_score: '80' }, { min_fraud_score: '80', limit: '100' }],
  ])('%s %j', async (key, inputs, query) => {
    expect((await listed(key, inputs, {})).query).toEqual(query);
  });

  it('by the ids of what filters name', async () => {
    attro().get('/api/v1/offers/off_def456').reply(200, OFFERS[0]);
    attro().get('/api/v1/affiliates/aff_xyz789').reply(200, AFFILIATES[0]);
    const inputs = { offer_id: 'off_def456', affiliate_id: 'aff_xyz789' };
    const { query } = await listed('new_conversion', inputs, {});
    expect(query).toEqual({ ...inputs, limit: '100' });
  });
});

it('a dropdown shows what a filter takes', async () => {
  attroWithRecords();
  const { inputFields } = app.triggers.new_conversion.operation;
  const index = inputFields.findIndex(({ key }) => key === 'affiliate_id');
  const path = `triggers.new_conversion.operation.inputFields.${index}.choices.perform`;
  const { results } = await call<{ results: { label: string }[] }>(path);
  for (const { label } of results.results) {
    attroWithRecords();
    expect(await turnedOn('new_conversion', { affiliate_id: label })).toHaveProperty('id');
  }
});
