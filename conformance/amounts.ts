import { toNumber, toText, type AttroRecord } from '../attro/values.ts';
import { differs, HOLDS, notTried, type Verdict } from './row.ts';
import { count } from './words.ts';

/** How many different amounts have to be whole before that is no accident. */
const TELLING = 4;

/**
 * Holds where amounts are in the currency's main unit (dollars, not cents): where one has a fraction.
 * Where many of them are whole they may well be cents.
 *
 * @param fields where a record has amounts.
 * @param hint what to say of how to be sure.
 */
export function judgeAmounts(
  records: readonly AttroRecord[],
  fields: readonly string[],
  hint = '',
): Verdict {
  const amounts = records
    .filter(({ currency }) => hasSmallerUnit(toText(currency)))
    .flatMap((record) => fields.map((field) => toNumber(record[field])))
    .filter((amount) => amount !== null && amount !== 0);
  if (amounts.some((amount) => !Number.isInteger(amount))) return HOLDS;
  const different = new Set(amounts).size;
  if (different < TELLING) {
    return notTried(
      `there are ${count(different, 'different amount')}, all whole, which may be either${hint}`,
    );
  }
  return differs('amounts such as 99.90', `all ${amounts.length} are whole, as cents are${hint}`);
}

function hasSmallerUnit(currency: string | null): boolean {
  if (!currency || !/^[a-z]{3}$/i.test(currency)) return true;
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency });
  return (format.resolvedOptions().maximumFractionDigits ?? 0) > 0;
}
