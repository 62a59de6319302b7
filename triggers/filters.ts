import type { PlainInputField, ZObject } from 'zapier-platform-core';
import type { FlatRecord } from '../output/mapper.ts';
import { toNumber, toText } from '../attro/values.ts';
import type { InputData } from '../inputs/input.ts';
import { AFFILIATE_PICKER, OFFER_PICKER } from '../inputs/pickers.ts';

/**
 * What a filter makes of a record: it fits, it does not, or that cannot be told because the record
 * lacks the value in question.
 */
export type Verdict = 'fits' | 'differs' | 'unknown';

/**
 * One way to narrow a trigger. The same definition narrows deliveries and lists.
 *
 * The rule for `unknown` is that the record goes through: a missed event costs more than a task.
 */
export interface Filter {
  inputs: readonly PlainInputField[];
  /** What is wrong with the inputs, as a sentence for the user; null when they can be used. */
  problem?: (inputData: InputData) => string | null;
  /** The query by which Attro's list narrows itself beforehand. */
  query?: (inputData: InputData) => Record<string, string>;
  /** Judges a mapped record; called also when the user has filled in nothing. */
  judge: (fields: FlatRecord, inputData: InputData) => Verdict;
}

/** A filter on a text that has to be the same, whatever its case. */
function sameText(input: PlainInputField, outputKey: string, queryName?: string): Filter {
  const wanted = (inputData: InputData): string => toText(inputData[input.key])?.trim() ?? '';
  return {
    inputs: [input],
    ...(queryName && {
      query: (inputData: InputData): Record<string, string> => {
        const value = wanted(inputData);
        return value ? { [queryName]: value } : {};
      },
    }),
    judge: (fields, inputData) => {
      const value = wanted(inputData);
      return value ? compareText(fields[outputKey], value) : 'fits';
    },
  };
}

function compareText(actual: unknown, wanted: string): Verdict {
  const text = toText(actual)?.trim();
  if (!text) return 'unknown';
  return text.toLowerCase() === wanted.toLowerCase() ? 'fits' : 'differs';
}

/** Tells whether an optional number input holds something that is not a number. */
function isUnusable(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && toNumber(value) === null;
}

function atLeast(actual: unknown, minimum: number): Verdict {
  const number = toNumber(actual);
  if (number === null) return 'unknown';
  return number >= minimum ? 'fits' : 'differs';
}

/** A smallest amount, compared only within one currency. */
function amountFilter(plural: string): Filter {
  return {
    inputs: [
      {
        key: 'min_amount',
        label: 'Minimum Amount',
        type: 'number',
        required: false,
        helpText:
          `Run only for ${plural} of this amount or more, such as 500 or 49.90. ` +
          'Fill in Currency too. When Attro sends no amount, the Zap runs.',
      },
      {
        key: 'currency',
        label: 'Currency',
        type: 'string',
        required: false,
        placeholder: 'USD',
        helpText:
          `Run only for ${plural} in this currency, given as its three-letter code, such as USD. ` +
          'Needed with Minimum Amount, because amounts of different currencies cannot be compared. ' +
          'When Attro sends no currency, the Zap runs.',
      },
    ],
    problem: ({ min_amount, currency }) => {
      if (isUnusable(min_amount)) return 'Minimum Amount must be a number, such as 500.';
      return toNumber(min_amount) !== null && !toText(currency)?.trim()
        ? 'Fill in Currency as well as Minimum Amount: amounts can be compared only within one currency.'
        : null;
    },
    judge: (fields, { min_amount, currency }) => {
      const minimum = toNumber(min_amount);
      const code = toText(currency)?.trim();
      if (!code) return minimum === null ? 'fits' : 'unknown';
      const verdict = compareText(fields['currency'], code);
      return verdict === 'fits' && minimum !== null ? atLeast(fields['amount'], minimum) : verdict;
    },
  };
}

const AFFILIATE_TYPE = sameText(
  {
    key: 'affiliate_type',
    label: 'Affiliate Type',
    type: 'string',
    required: false,
    choices: { external: 'External Partner', internal: 'Internal User' },
    helpText:
      'Run only for affiliates of this type: partners who promote you from outside, or users of your ' +
      'own app. Leave empty for all. When Attro sends no type, the Zap runs.',
  },
  'affiliate_type',
  'type',
);

const OFFER = sameText(
  {
    ...OFFER_PICKER,
    required: false,
    helpText:
      'Run only for conversions of this offer. Leave empty for all offers. When Attro names no offer, ' +
      'the Zap runs.',
  },
  'offer_id',
  'offer_id',
);

const AFFILIATE = sameText(
  {
    ...AFFILIATE_PICKER,
    required: false,
    helpText:
      'Run only for conversions that this affiliate brought in. Type in the dropdown to search it by ' +
      'name. Leave empty for all affiliates. When Attro names no affiliate, the Zap runs.',
  },
  'affiliate_id',
  'affiliate_id',
);

const METHOD = sameText(
  {
    key: 'method',
    label: 'Payout Method',
    type: 'string',
    required: false,
    placeholder: 'paypal',
    helpText:
      'Run only for payouts sent this way, written as Attro shows it, such as paypal. Leave empty for ' +
      'all methods. When Attro sends no method, the Zap runs.',
  },
  'method',
);

const MIN_FRAUD_SCORE: Filter = {
  inputs: [
    {
      key: 'min_fraud_score',
      label: 'Minimum Fraud Score',
      type: 'number',
      required: false,
      helpText:
        'Run only for a fraud score of this or more, from 0 to 100. Leave empty to use the threshold ' +
        'that is set in Attro. When Attro sends no score, the Zap runs.',
    },
  ],
  problem: ({ min_fraud_score }) => {
    const minimum = toNumber(min_fraud_score);
    const outside = minimum !== null && (minimum < 0 || minimum > 100);
    return outside || isUnusable(min_fraud_score)
      ? 'Minimum Fraud Score must be a number from 0 to 100.'
      : null;
  },
  query: ({ min_fraud_score }) => ({ min_fraud_score: String(toNumber(min_fraud_score) ?? 0) }),
  judge: (fields, { min_fraud_score }) => {
    const minimum = toNumber(min_fraud_score);
    return minimum === null ? 'fits' : atLeast(fields['fraud_score'], minimum);
  },
};

export const AFFILIATE_FILTERS: readonly Filter[] = [AFFILIATE_TYPE];

export const CONVERSION_FILTERS: readonly Filter[] = [
  OFFER,
  AFFILIATE,
  amountFilter('conversions'),
];

export const PAYOUT_FILTERS: readonly Filter[] = [amountFilter('payouts'), METHOD];

export const FRAUD_FILTERS: readonly Filter[] = [MIN_FRAUD_SCORE, ...CONVERSION_FILTERS];

/** @throws an error that says what is wrong with what a user has filled in. */
export function checkInputs(z: ZObject, filters: readonly Filter[], inputData: InputData): void {
  for (const { problem } of filters) {
    const found = problem?.(inputData);
    if (found) throw new z.errors.Error(found, 'input');
  }
}

/** Tells whether a user has filled in any of the filters. */
export function isNarrowed(filters: readonly Filter[], inputData: InputData): boolean {
  return filters.some(({ inputs }) => inputs.some(({ key }) => Boolean(toText(inputData[key]))));
}

/** What all filters together make of a record: one that differs decides, one unknown is noted. */
export function judgeAll(
  filters: readonly Filter[],
  fields: FlatRecord,
  inputData: InputData,
): Verdict {
  const verdicts = filters.map(({ judge }) => judge(fields, inputData));
  if (verdicts.includes('differs')) return 'differs';
  return verdicts.includes('unknown') ? 'unknown' : 'fits';
}

/** The query by which a list narrows itself to what the user has filled in. */
export function listQuery(
  filters: readonly Filter[],
  inputData: InputData,
): Record<string, string> {
  return Object.fromEntries(
    filters.flatMap(({ query }) => Object.entries(query?.(inputData) ?? {})),
  );
}
