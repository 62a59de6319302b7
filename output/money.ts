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
 * The signs of common currencies with two decimals, as Intl writes them. Intl takes about 20 ms to load
 * the first format that a process asks for, which would be a good part of its first answer.
 */
const SIGNS: Readonly<Record<string, string>> = {
  USD: '$',
  EUR: '€',
  GBP: '£',
  CAD: 'CA$',
  AUD: 'A$',
};

/** The most cents that are counted exactly. */
const MAX_CENTS = 1e15;

/** An amount of whole cents in a common currency, exactly as Intl writes it; null for any other. */
function formatCommon(amount: number, code: string): string | null {
  const sign = SIGNS[code];
  const cents = Math.round(amount * 100);
  const isExact = cents / 100 === amount && Math.abs(cents) < MAX_CENTS && !Object.is(amount, -0);
  if (sign === undefined || !isExact) return null;
  const digits = String(Math.abs(cents)).padStart(3, '0');
  const units = digits.slice(0, -2).replace(/\B(?=(?:\d{3})+$)/g, ',');
  return `${amount < 0 ? '-' : ''}${sign}${units}.${digits.slice(-2)}`;
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
    const upper = code.toUpperCase();
    // Intl puts a no-break space after a code; mail filters and sheets want a plain one.
    return (
      formatCommon(amount, upper) ?? formatterFor(upper).format(amount).replaceAll('\u00a0', ' ')
    );
  }
  const number = formatterFor(NO_CURRENCY).format(amount);
  return code ? `${number} ${code}` : number;
}
