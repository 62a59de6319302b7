/** The most currencies whose formatter is kept: making one costs far more than using it. */
const MAX_FORMATTERS = 64;

const formatters = new Map<string, Intl.NumberFormat>();

const NO_CURRENCY = '';

function formatterFor(currency: string): Intl.NumberFormat {
  const known = formatters.get(currency);
  if (known) return known;
  const formatter =
    currency === NO_CURRENCY
      ? new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
      : new Intl.NumberFormat('en-US', { style: 'currency', currency });
  if (formatters.size >= MAX_FORMATTERS) formatters.clear();
  formatters.set(currency, formatter);
  return formatter;
}

/**
 * An amount as a person reads it: `$99.00`, `CA$99.00`, `¥99`, and `XYZ 99.00` or `99.00 points` for
 * a currency that nobody knows.
 *
 * @param amount in the currency's main unit (dollars, not cents); null gives null.
 * @param currency an ISO 4217 code in any case, any other text, or null.
 */
export function formatAmount(amount: number | null, currency: string | null): string | null {
  if (amount === null) return null;
  const code = currency?.trim() ?? '';
  if (/^[a-z]{3}$/i.test(code)) {
    // Intl puts a no-break space after a code; mail filters and sheets want a plain one.
    return formatterFor(code.toUpperCase()).format(amount).replaceAll('\u00a0', ' ');
  }
  const number = formatterFor(NO_CURRENCY).format(amount);
  return code ? `${number} ${code}` : number;
}
