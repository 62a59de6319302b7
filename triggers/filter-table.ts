import { toNumber, toText } from '../attro/values.ts';
import {
  amountInput,
  choiceInput,
  currencyInput,
  isEmail,
  recordInput,
  scoreInput,
  textInput,
} from '../inputs/kinds.ts';
import type { Input } from '../inputs/input.ts';
import { AFFILIATE_PICKER, AFFILIATE_TYPE, OFFER_PICKER } from '../inputs/pickers.ts';
import {
  AFFILIATE,
  hasIdForm,
  OFFER,
  takenAs,
  withoutHint,
  type RecordType,
} from '../inputs/records.ts';
import { sameWords } from '../inputs/words.ts';
import type { Filter, Verdict } from './filters.ts';

/** A filter on a text that has to be the same, however it is written. */
function wordsFilter(input: Input, query?: string): Filter {
  const { key } = input.field;
  return {
    input,
    ...(query !== undefined && { query }),
    judge: (fields, value) => compare(fields[key], String(value)),
  };
}

function compare(actual: unknown, wanted: string): Verdict {
  if (!toText(actual)?.trim()) return 'unknown';
  return sameWords(actual, wanted) ? 'fits' : 'differs';
}

/** A filter on a smallest number. */
function atLeast(input: Input, outputKey: string): Filter {
  return {
    input,
    judge: (fields, minimum) => {
      const number = toNumber(fields[outputKey]);
      if (number === null) return 'unknown';
      return number >= Number(minimum) ? 'fits' : 'differs';
    },
  };
}

/**
 * A filter on the record that a conversion belongs to, by its id or its name. What was looked up when the
 * Zap was turned on is compared by its id, so that a record may be renamed. A name that was filled in
 * since then, and is not the delivery's, may be one that no record has: it leaves nothing out.
 */
function recordFilter(input: Input, nameKey: string, problem?: Filter['problem']): Filter {
  const { key } = input.field;
  return {
    input,
    query: key,
    ...(problem && { problem }),
    judge: (fields, value, records) => {
      const said = String(value);
      const id = toText(fields[key])?.trim();
      const name = toText(fields[nameKey])?.trim();
      const looked = records?.[key];
      if (id && looked?.said === said) return isSameId(id, looked.id) ? 'fits' : 'differs';
      if (id && isSameId(id, said)) return 'fits';
      if (name && [said, withoutHint(said)].some((words) => sameWords(name, words))) return 'fits';
      if (hasIdForm(said)) return id ? 'differs' : 'unknown';
      return name && !records ? 'differs' : 'unknown';
    },
  };
}

function isSameId(actual: string, wanted: string): boolean {
  return actual.toLowerCase() === wanted.toLowerCase();
}

/** A smallest amount, compared only within one currency, and the currency. */
function amountFilters(plural: string): Filter[] {
  const currency = currencyInput({
    key: 'currency',
    label: 'Currency',
    type: 'string',
    required: false,
    placeholder: 'USD',
    helpText:
      `Run only for ${plural} in this currency, given as its three-letter code, such as USD. ` +
      'Needed with Minimum Amount, because amounts of different currencies cannot be compared. ' +
      'When Attro sends no currency, the Zap runs.',
  });
  const amount = amountInput({
    key: 'min_amount',
    label: 'Minimum Amount',
    type: 'number',
    required: false,
    placeholder: '500',
    helpText:
      `Run only for ${plural} of this amount or more, such as 500 or 49.90. ` +
      'Fill in Currency too. When Attro sends no amount, the Zap runs.',
  });
  return [
    {
      ...atLeast(amount, 'amount'),
      needs: {
        input: currency,
        problem:
          'Fill in Currency as well as Minimum Amount: amounts can be compared only within one currency.',
      },
    },
    wordsFilter(currency),
  ];
}

const AFFILIATE_TYPE_FILTER = wordsFilter(
  choiceInput({
    ...AFFILIATE_TYPE,
    helpText:
      'Run only for affiliates of this type, such as External Partner for those who promote you from ' +
      'outside, or Internal User for users of your own app. Leave empty for all. When Attro sends no type, ' +
      'the Zap runs.',
  }),
  'type',
);

const OFFER_FILTER = recordFilter(
  recordInput({
    ...OFFER_PICKER,
    required: false,
    helpText:
      `Run only for conversions of this offer. ${takenAs(OFFER)} Leave empty for all offers. When ` +
      'Attro names no offer, the Zap runs.',
  }),
  'offer_name',
);

/** An affiliate as an event names it: without an email address. */
const NAMED_AFFILIATE: RecordType = { ...AFFILIATE, takes: 'an ID or a full name' };

const AFFILIATE_FILTER = recordFilter(
  recordInput({
    ...AFFILIATE_PICKER,
    record: NAMED_AFFILIATE,
    required: false,
    helpText:
      'Run only for conversions that this affiliate brought in. ' +
      `${takenAs(NAMED_AFFILIATE)} Leave empty for all affiliates. ` +
      'When Attro names no affiliate, the Zap runs.',
  }),
  'affiliate_name',
  (value) =>
    isEmail(value)
      ? 'Affiliate must be an ID or a full name here, since no event carries the email address of an ' +
        'affiliate. Pick one from the list.'
      : null,
);

const METHOD = wordsFilter(
  textInput({
    key: 'method',
    label: 'Payout Method',
    type: 'string',
    required: false,
    placeholder: 'paypal',
    helpText:
      'Run only for payouts sent this way, as Attro shows it, such as paypal or Bank Transfer. Leave ' +
      'empty for all methods. When Attro sends no method, the Zap runs.',
  }),
);

const MIN_FRAUD_SCORE: Filter = {
  ...atLeast(
    scoreInput({
      key: 'min_fraud_score',
      label: 'Minimum Fraud Score',
      type: 'number',
      required: false,
      helpText:
        'Run only for a fraud score of this or more, from 0 to 100, such as 80. Leave empty to use the threshold ' +
        'that is set in Attro. When Attro sends no score, the Zap runs.',
    }),
    'fraud_score',
  ),
  query: 'min_fraud_score',
};

export const AFFILIATE_FILTERS: readonly Filter[] = [AFFILIATE_TYPE_FILTER];

export const CONVERSION_FILTERS: readonly Filter[] = [
  OFFER_FILTER,
  AFFILIATE_FILTER,
  ...amountFilters('conversions'),
];

export const PAYOUT_FILTERS: readonly Filter[] = [...amountFilters('payouts'), METHOD];

export const FRAUD_FILTERS: readonly Filter[] = [MIN_FRAUD_SCORE, ...CONVERSION_FILTERS];
