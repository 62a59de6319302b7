import { EVENT_NAMES, EVENTS, LISTS } from '../../../attro/contract.ts';
import type { EventName, List } from '../../../attro/contract.ts';
import { sampleDelivery } from '../webhooks/event-body.ts';
import type { Seed, StoredRecord } from './records.ts';
import { commissionOf } from './writes.ts';

/** The one user of the sandbox, who is always signed in, as `GET /me` shows her. */
export const SEEDED_USER = {
  id: 'usr_jane',
  email: 'jane@example.com',
  name: 'Jane Doe',
  organization: { id: 'org_acme', name: 'Acme Corp', slug: 'acme' },
} as const;

const AFFILIATE_COUNT = 125;
// More than one page of the largest size.
const OFFER_COUNT = 120;
const CONVERSION_COUNT = 60;
const PAYOUT_COUNT = 25;

const NAMES = [
  ...['María José García', 'Søren Kierkegaard Ltd', '田中 花子', 'Łukasz Żółć', 'Анна Иванова'],
  ...['محمد العلي', "Siobhán O'Neill", '김민준', 'Nguyễn Thị Ánh', 'Zoë & Partners', 'प्रिया शर्मा'],
  ...[
    'Αλέξανδρος Παππάς',
    'נועה כהן',
    'ณัฐพล ใจดี',
    '王小明',
    'Renée "Ren" Dubois',
    'Growth 🚀 Media',
  ],
];
const AFFILIATE_STATUSES = withEveryStatus(
  LISTS.affiliates,
  ...['active', 'pending', 'active', 'inactive', 'active', 'suspended'],
);
const PRODUCTS = [
  ...['Analytics', 'Billing', 'CRM', 'Desk', 'Email', 'Forms'],
  ...['Helpdesk', 'Invoices', 'Journeys', 'Kanban', 'Landing Pages', 'Maps'],
];
const PLANS = [
  ...['Starter', 'Basic', 'Plus', 'Team', 'Business'],
  ...['Scale', 'Agency', 'Annual', 'Lifetime', 'Enterprise'],
];
const OFFER_STATUSES = ['active', 'active', 'active', 'paused', 'archived'];
const CONVERSION_STATUSES = withEveryStatus(
  LISTS.conversions,
  ...['pending', 'approved', 'approved', 'rejected'],
);
const CURRENCIES = ['USD', 'EUR', 'JPY'];
/** How a conversion's free metadata differs: several keys, nested, none. */
const METADATA = [
  { plan: 'pro', period: 'yearly', utm_source: 'newsletter' },
  { utm_source: 'youtube', utm: { campaign: 'spring', content: 'banner' } },
  {},
];
const FRAUD_THRESHOLD = 75;
const FRAUD_REASONS = [
  'Many conversions from one IP address',
  'Customer e-mail matches the affiliate',
];
const PAYOUT_STATUSES = withEveryStatus(
  LISTS.payouts,
  ...['completed', 'processing', 'completed', 'failed'],
);
const PAYOUT_METHODS = ['paypal', 'bank_transfer', 'wise'];

/** The statuses of a list's records, and those of events that are not among them. */
function withEveryStatus({ path }: List, ...statuses: string[]): string[] {
  const ofEvents = EVENT_NAMES.map((event) => EVENTS[event].list)
    .filter((list) => list.path === path)
    .flatMap(({ status }) => status ?? []);
  return [...statuses, ...ofEvents.filter((status) => !statuses.includes(status))];
}

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

/** Makes one of a list's records. What is said of it follows from `variety`, its age from `index`. */
type Make = (index: number, variety: number) => StoredRecord;

/** The record of a sample delivery. */
function sampleRecord(event: EventName): StoredRecord {
  return sampleDelivery(event).data as StoredRecord;
}

const affiliate: Make = (index, variety) => {
  const partner = variety % 3 !== 0;
  return {
    id: seededId('aff', index),
    display_name: cycled(NAMES, variety),
    // An app user has neither company nor website; a partner may leave the website empty.
    ...(partner && { company_name: `Partner Company ${variety}` }),
    email: `affiliate-${variety}@example.com`,
    type: partner ? 'external' : 'internal',
    status: cycled(AFFILIATE_STATUSES, variety),
    ...(partner && {
      website: variety % 4 === 0 ? null : `https://partner-${variety}.example.com`,
    }),
    created_at: hoursBefore(7 * index),
  };
};

const offer: Make = (index, variety) => {
  // Twelve products in each of ten plans: no name repeats.
  const plan = cycled(PLANS, Math.floor(variety / PRODUCTS.length));
  return {
    id: seededId('off', index),
    name: `${cycled(PRODUCTS, variety)} ${plan}`,
    status: cycled(OFFER_STATUSES, variety),
    created_at: hoursBefore(24 * index),
  };
};

const conversion =
  (affiliates: readonly StoredRecord[], offers: readonly StoredRecord[]): Make =>
  (index, variety) => {
    const by = cycled(affiliates, variety);
    const sold = cycled(offers, variety * 3);
    const currency = cycled(CURRENCIES, variety);
    const amount = currency === 'JPY' ? 1500 * variety : Number((19.9 * variety).toFixed(2));
    const score = (variety * 37) % 101;
    return {
      id: seededId('conv', index),
      affiliate_id: by.id,
      affiliate_name: by['display_name'],
      offer_id: sold.id,
      offer_name: sold['name'],
      amount,
      currency,
      commission_amount: commissionOf(amount, currency),
      status: cycled(CONVERSION_STATUSES, variety),
      customer_email: variety % 10 === 0 ? null : `customer-${variety}@example.com`,
      metadata: cycled(METADATA, variety),
      created_at: hoursBefore(5 * index),
      ...(variety % 2 === 0 && {
        fraud_score: score,
        fraud_threshold: FRAUD_THRESHOLD,
        fraud_reasons: score < FRAUD_THRESHOLD ? [] : FRAUD_REASONS.slice(variety % 3),
      }),
    };
  };

const payout =
  (affiliates: readonly StoredRecord[]): Make =>
  (index, variety) => {
    const to = cycled(affiliates, variety * 2);
    const status = cycled(PAYOUT_STATUSES, variety);
    const completed = status === 'completed';
    return {
      id: seededId('pay', index),
      affiliate_id: to.id,
      affiliate_name: to['display_name'],
      amount: Number((104.68 * variety).toFixed(2)),
      currency: variety % 5 === 0 ? 'EUR' : 'USD',
      method: cycled(PAYOUT_METHODS, variety),
      status,
      transaction_id: completed ? `PAY-seed${variety}` : null,
      created_at: hoursBefore(12 * index),
      completed_at: completed ? hoursBefore(12 * index - 1) : null,
    };
  };

/**
 * The same records for the same number. The guide's own are the newest of their list; the others are
 * generated from their position.
 */
export function seedOf(number: number): Seed {
  /** `count` records, 1 being the newest. */
  const generate = (count: number, make: Make): StoredRecord[] =>
    Array.from({ length: count }, (_, position) => make(position + 1, position + 1 + number));

  const sold = sampleRecord('conversion.created');
  const affiliates: StoredRecord[] = [
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
  const offers: StoredRecord[] = [
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
    conversions: [sold, ...generate(CONVERSION_COUNT - 1, conversion(affiliates, offers))],
    payouts: [sampleRecord('payout.completed'), ...generate(PAYOUT_COUNT - 1, payout(affiliates))],
  };
}
