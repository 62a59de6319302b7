import { sampleDelivery } from './sample-deliveries.ts';
import type { EventName } from '../../attro/contract.ts';

/** A record as the API lists it: always with an id, newest ones have the latest `created_at`. */
export type SeededRecord = Readonly<Record<string, unknown> & { id: string }>;

export type ListName = 'affiliates' | 'conversions' | 'payouts' | 'offers';

/** The sandbox's records, newest first in each list. */
export type Records = Readonly<Record<ListName, readonly SeededRecord[]>>;

const AFFILIATE_COUNT = 125;
// More than one page of the largest size.
const OFFER_COUNT = 120;
const CONVERSION_COUNT = 60;
const PAYOUT_COUNT = 25;

const NAMES = [
  'María José García',
  'Søren Kierkegaard Ltd',
  '田中 花子',
  'Łukasz Żółć',
  'Анна Иванова',
  'محمد العلي',
  "Siobhán O'Neill",
  '김민준',
  'Nguyễn Thị Ánh',
  'Zoë & Partners',
  'प्रिया शर्मा',
  'Αλέξανδρος Παππάς',
  'נועה כהן',
  'ณัฐพล ใจดี',
  '王小明',
  'Renée "Ren" Dubois',
  'Growth 🚀 Media',
];
const AFFILIATE_STATUSES = ['active', 'pending', 'active', 'inactive', 'active', 'suspended'];
const PRODUCTS = [
  ...['Analytics', 'Billing', 'CRM', 'Desk', 'Email', 'Forms'],
  ...['Helpdesk', 'Invoices', 'Journeys', 'Kanban', 'Landing Pages', 'Maps'],
];
const PLANS = [
  ...['Starter', 'Basic', 'Plus', 'Team', 'Business'],
  ...['Scale', 'Agency', 'Annual', 'Lifetime', 'Enterprise'],
];
const OFFER_STATUSES = ['active', 'active', 'active', 'paused', 'archived'];
const CONVERSION_STATUSES = ['pending', 'approved', 'approved', 'rejected'];
const CURRENCIES = ['USD', 'EUR', 'JPY'];
const FRAUD_THRESHOLD = 75;
const FRAUD_REASONS = [
  'Many conversions from one IP address',
  'Customer e-mail matches the affiliate',
  'Click and purchase within one second',
];
const PAYOUT_STATUSES = ['completed', 'processing', 'completed', 'failed'];
const PAYOUT_METHODS = ['paypal', 'bank_transfer', 'wise'];

/** The value for an index in a list that repeats. */
function cycled<T>(values: readonly T[], index: number): T {
  return values[index % values.length] as T;
}

/** The instant so many hours before the guide's sample records, ISO 8601 in seconds. */
function hoursBefore(hours: number): string {
  const instant = Date.UTC(2026, 0, 26, 10) - hours * 3_600_000;
  return new Date(instant).toISOString().replace('.000Z', 'Z');
}

/** An id in Attro's style, such as `aff_seed007`. */
function seededId(prefix: string, index: number): string {
  return `${prefix}_seed${String(index).padStart(3, '0')}`;
}

/** `count` records from their index, 1 being the newest. */
function generate(count: number, make: (index: number) => SeededRecord): SeededRecord[] {
  return Array.from({ length: count }, (_, position) => make(position + 1));
}

/** The record of a sample delivery. */
function sampleRecord(event: EventName): SeededRecord {
  return sampleDelivery(event).data as SeededRecord;
}

function affiliate(index: number): SeededRecord {
  const partner = index % 3 !== 0;
  return {
    id: seededId('aff', index),
    display_name: cycled(NAMES, index),
    // An app user has neither company nor website; a partner may leave the website empty.
    ...(partner && { company_name: `Partner Company ${index}` }),
    email: `affiliate-${index}@example.com`,
    type: partner ? 'external' : 'internal',
    status: cycled(AFFILIATE_STATUSES, index),
    ...(partner && { website: index % 4 === 0 ? null : `https://partner-${index}.example.com` }),
    created_at: hoursBefore(7 * index),
  };
}

function offer(index: number): SeededRecord {
  // Twelve products in each of ten plans: no name repeats.
  const plan = cycled(PLANS, Math.floor(index / PRODUCTS.length));
  return {
    id: seededId('off', index),
    name: `${cycled(PRODUCTS, index)} ${plan}`,
    status: cycled(OFFER_STATUSES, index),
    created_at: hoursBefore(24 * index),
  };
}

/** How a conversion's free metadata differs: several keys, one, nested, none. */
function metadata(index: number): Record<string, unknown> {
  return cycled<Record<string, unknown>>(
    [
      { plan: 'pro', period: 'yearly', utm_source: 'newsletter' },
      { plan: 'team', seats: 5 + (index % 7) },
      { utm_source: 'youtube', utm: { campaign: 'spring', content: 'banner' } },
      {},
    ],
    index,
  );
}

function conversion(
  index: number,
  affiliates: readonly SeededRecord[],
  offers: readonly SeededRecord[],
): SeededRecord {
  const by = cycled(affiliates, index);
  const sold = cycled(offers, index * 3);
  const currency = cycled(CURRENCIES, index);
  // The yen has no smaller unit.
  const decimals = currency === 'JPY' ? 0 : 2;
  const amount = Number((currency === 'JPY' ? 1500 * index : 19.9 * index).toFixed(decimals));
  const score = (index * 37) % 101;
  return {
    id: seededId('conv', index),
    affiliate_id: by.id,
    affiliate_name: by['display_name'],
    offer_id: sold.id,
    offer_name: sold['name'],
    amount,
    currency,
    commission_amount: Number((amount * 0.2).toFixed(decimals)),
    status: cycled(CONVERSION_STATUSES, index),
    customer_email: index % 10 === 0 ? null : `customer-${index}@example.com`,
    metadata: metadata(index),
    created_at: hoursBefore(5 * index),
    ...(index % 2 === 0 && {
      fraud_score: score,
      fraud_threshold: FRAUD_THRESHOLD,
      fraud_reasons: score < FRAUD_THRESHOLD ? [] : FRAUD_REASONS.slice(0, 1 + (index % 3)),
    }),
  };
}

function payout(index: number, affiliates: readonly SeededRecord[]): SeededRecord {
  const to = cycled(affiliates, index * 2);
  const status = cycled(PAYOUT_STATUSES, index);
  const completed = status === 'completed';
  return {
    id: seededId('pay', index),
    affiliate_id: to.id,
    affiliate_name: to['display_name'],
    amount: Number((104.68 * index).toFixed(2)),
    currency: index % 5 === 0 ? 'EUR' : 'USD',
    method: cycled(PAYOUT_METHODS, index),
    status,
    transaction_id: completed ? `PAY-seed${index}` : null,
    created_at: hoursBefore(12 * index),
    completed_at: completed ? hoursBefore(12 * index - 1) : null,
  };
}

/**
 * The same records at every start. The guide's own are the newest of their list; the others are
 * generated from their position.
 */
export function seededRecords(): Records {
  const sold = sampleRecord('conversion.created');
  const affiliates: SeededRecord[] = [
    sampleRecord('affiliate.created'),
    {
      id: String(sold['affiliate_id']),
      display_name: sold['affiliate_name'],
      company_name: null,
      email: 'john.smith@example.com',
      type: 'external',
      status: 'active',
      website: null,
      created_at: hoursBefore(1),
    },
    ...generate(AFFILIATE_COUNT - 2, affiliate),
  ];
  const offers: SeededRecord[] = [
    {
      id: String(sold['offer_id']),
      name: sold['offer_name'],
      status: 'active',
      created_at: hoursBefore(1),
    },
    ...generate(OFFER_COUNT - 1, offer),
  ];
  return {
    affiliates,
    offers,
    conversions: [
      sold,
      ...generate(CONVERSION_COUNT - 1, (index) => conversion(index, affiliates, offers)),
    ],
    payouts: [
      sampleRecord('payout.completed'),
      ...generate(PAYOUT_COUNT - 1, (index) => payout(index, affiliates)),
    ],
  };
}

/** An organization without any records yet. */
export function noRecords(): Records {
  return { affiliates: [], conversions: [], payouts: [], offers: [] };
}
