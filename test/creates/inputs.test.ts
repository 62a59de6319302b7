import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CREATE_TABLE } from '../../creates/table.ts';
import { SEARCH_TABLE } from '../../searches/table.ts';
import { create, errorOf, messageOf } from '../support/app.ts';
import { attro, mockNetwork } from '../support/attro.ts';
import { PROPERTY_RUNS } from '../support/properties.ts';

mockNetwork();

const GOOD = { affiliate_id: 'aff_1', amount: 5, currency: 'USD', external_id: 'order_1' };

/** What every action can do with. */
const WHOLE = {
  ...GOOD,
  email: 'jane@example.com',
  display_name: 'Jane',
  offer_id: 'off_1',
  conversion_id: 'conv_1',
  status: 'approve',
};

/** What an action says is wrong before it asks anything of Attro: no request is answered here. */
async function problem(
  key: Parameters<typeof create>[0],
  inputData: Record<string, unknown>,
): Promise<string> {
  const { message, code } = messageOf(await errorOf(create(key, inputData)));
  expect(code).toBe('input');
  return message;
}

const NOT_A_NUMBER = (came: string): string =>
  `Amount must be a plain number of 0 or more, such as 99.90, without a currency sign; "${came}" is not.`;
const NO_CURRENCY = (came: string): string =>
  `Currency must be the code of a currency in three letters (ISO 4217), such as USD or EUR; "${came}" is none.`;
const NO_AFFILIATE =
  'Affiliate must be an ID, an email address or a full name. Pick one from the list, or find it with the step Find Affiliate.';

const NO_OFFER =
  'Offer must be an ID or a full name. Pick one from the list, or find it with the step Find Offer.';
const NO_CONVERSION =
  'Conversion must be an ID. Pick one from the list, or find it with the step Find Conversion.';
const NO_EMAIL = 'Customer Email must be one email address, such as jane@example.com.';
const NO_PAIRS = 'Metadata must be pairs of a name and a plain value.';
const NO_ADDRESS = (came: string): string =>
  `Website must be a web address, such as https://acme.com; "${came}" is none.`;
const NO_STATUS = (choices: string, came: string): string =>
  `Status must be ${choices}; "${came}" is not.`;
const missing = (label: string): string => `Fill in ${label}: this step cannot do without it.`;

describe('an input is refused with its label, what it takes and what came, which is nothing personal', () => {
  it.each([
    [{ amount: 'ninety' }, NOT_A_NUMBER('ninety')],
    [{ amount: '$99' }, NOT_A_NUMBER('$99')],
    [{ amount: '1e999' }, NOT_A_NUMBER('1e999')],
    [{ amount: `9\n${'x'.repeat(40)}` }, NOT_A_NUMBER(`9 ${'x'.repeat(28)}…`)],
    [{ amount: [{}] }, NOT_A_NUMBER('an object')],
    [{ amount: -0.01 }, NOT_A_NUMBER('-0.01')],
    [{ currency: 'US' }, NO_CURRENCY('US')],
    [{ currency: 'EURO' }, NO_CURRENCY('EURO')],
    [{ currency: 'ÜSD' }, NO_CURRENCY('ÜSD')],
    [{ customer_email: 'jane' }, NO_EMAIL],
    [{ customer_email: 'a@x.de, b@x.de' }, NO_EMAIL],
    [{ affiliate_id: '..' }, NO_AFFILIATE],
    [{ affiliate_id: 'a'.repeat(201) }, NO_AFFILIATE],
    [{ offer_id: 'x'.repeat(201) }, NO_OFFER],
    [{ external_id: { id: 1 } }, 'External ID must be plain text, not a list or an object.'],
    [{ metadata: 'plan: pro' }, NO_PAIRS],
    [{ metadata: { plan: { name: 'pro' } } }, NO_PAIRS],
    [{ amount: '' }, missing('Amount')],
    [{ external_id: '  ' }, missing('External ID')],
    [
      { amount: -1, currency: null, customer_email: 'x' },
      `${NOT_A_NUMBER('-1')} ${missing('Currency')} ${NO_EMAIL}`,
    ],
  ])('%j', async (wrong, message) => {
    expect(await problem('record_conversion', { ...GOOD, ...wrong })).toBe(message);
  });

  it.each([
    ['update_affiliate_status', { status: 'pending' }, NO_STATUS('Approve or Suspend', 'pending')],
    ['update_conversion_status', { status: 'paid' }, NO_STATUS('Approve or Reject', 'paid')],
    [
      'update_conversion_status',
      { conversion_id: '', status: null },
      `${missing('Conversion')} ${missing('Status')}`,
    ],
    ['update_conversion_status', { conversion_id: 'jane@example.com' }, NO_CONVERSION],
    ['update_conversion_status', { conversion_id: 'jane, $99.00, 2026-01-26' }, NO_CONVERSION],
  ] as const)('%s %j', async (key, wrong, message) => {
    expect(await problem(key, { ...WHOLE, ...wrong })).toBe(message);
  });

  it.each(['Acme Corp', 'acme', 'ftp://acme.com', 'javascript:alert(1)', 'https://', 'https://.'])(
    'the web address %s',
    async (website) => {
      const inputs = { ...WHOLE, website };
      expect(await problem('create_affiliate', inputs)).toBe(NO_ADDRESS(website));
    },
  );
});

it.each([
  ['acme.com', 'https://acme.com'],
  ['acme.com:8080/shop', 'https://acme.com:8080/shop'],
  ['HTTP://Acme.com/Shop', 'http://Acme.com/Shop'],
  ['https://acme.com/?a=b%20c', 'https://acme.com/?a=b%20c'],
])('the web address %s is sent as %s', async (website, sent) => {
  attro()
    .post('/api/v1/affiliates', (body: { website: string }) => body.website === sent)
    .reply(201, { id: 'aff_1' });
  await create('create_affiliate', { ...WHOLE, website });
});

/** Anything that a field may be filled with, by hand or from an earlier step. */
const anything = fc.oneof(
  fc.constantFrom('', '  ', null, undefined, {}, [], '..', '-1', '0', 'usd', 'active', 'Approve'),
  fc.string(),
  fc.emailAddress(),
  fc.double(),
  fc.jsonValue(),
  fc.dictionary(fc.constantFrom('plan', ' ', ''), fc.constantFrom('pro', 5, '', ' ', null)),
);

describe.each([...SEARCH_TABLE, ...CREATE_TABLE])(
  '$label, whatever is filled in,',
  ({ inputs }) => {
    it.each(inputs.map((input) => [input.field.key, input] as const))(
      'reads %s as what Attro takes, as nothing, or tells what is wrong by its label',
      (_key, { field, read }) => {
        fc.assert(
          fc.property(anything, (value) => {
            const reading = read(value);
            if ('problem' in reading) {
              const { problem } = reading;
              return problem.includes(field.label) && /^[A-Z].*\.$/.test(problem);
            }
            const { value: read_ } = reading;
            if (read_ === undefined) return field.dict === true;
            if (typeof read_ === 'number') return read_ >= 0;
            if (typeof read_ === 'string') return read_ !== '' && read_ === read_.trim();
            return Object.entries(read_).every((pair) => pair.every((text) => text.trim() !== ''));
          }),
          { numRuns: Math.min(PROPERTY_RUNS, 1_000) },
        );
      },
    );
  },
);

/** Whether a request holds a value that says nothing. */
function hasEmptyValue(body: object): boolean {
  return Object.values(body).some(
    (value: unknown) =>
      value === null ||
      (typeof value === 'string' && value.trim() === '') ||
      (typeof value === 'object' && (Object.keys(value).length === 0 || hasEmptyValue(value))),
  );
}

describe.each(CREATE_TABLE)('$label, whatever a Zap hands over,', ({ key, method, inputs }) => {
  it('tells what is wrong, or asks Attro once to write and sends nothing empty', async () => {
    let last: object = {};
    let requests = 0;
    attro()
      .persist()
      .intercept(/^\/api\/v1\/[^.]/, method, (body: object) => {
        last = body;
        return true;
      })
      .reply(200, () => {
        requests += 1;
        return { id: 'x_1' };
      });
    // A text that is no id is looked up, and names nothing.
    attro()
      .persist()
      .get(/^\/api\/v1\/(?:affiliates|offers)\?/)
      .optionally()
      .reply(200, []);
    await create(key, WHOLE);
    expect(requests).toBe(1);

    const handedOver = fc.dictionary(
      fc.constantFrom(...inputs.map(({ field }) => field.key)),
      anything,
      // Of several, one that is wrong would hide what becomes of the others.
      { minKeys: 1, maxKeys: 1 },
    );
    await fc.assert(
      fc.asyncProperty(handedOver, async (values) => {
        requests = 0;
        const problem = await create(key, { ...WHOLE, ...values }).then(
          () => null,
          (error: unknown) => messageOf(error as Error),
        );
        expect(requests).toBe(problem ? 0 : 1);
        if (problem) expect(problem.code).toBe('input');
        else expect(hasEmptyValue(last)).toBe(false);
      }),
      { numRuns: Math.min(PROPERTY_RUNS, 200) },
    );
  });
});
