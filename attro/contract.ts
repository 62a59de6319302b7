/**
 * Everything this integration takes for granted about Attro, in one place.
 *
 * **Published** facts come from Attro's guide "Zapier & Webhook Automations" and its API guide.
 * Everything marked **Assumption** is this project's reading of their style: when Attro says
 * otherwise, correct it here (and in `openapi.yaml`, which describes the same API to the sandbox).
 */

/** Published: the host of the API. `ATTRO_BASE_URL` points at another one, such as staging. */
export const DEFAULT_BASE_URL = 'https://get-attro.com';

/** Published: `/api/v1`, `/affiliates`. Assumption: every other path. */
export const PATHS = {
  authorize: '/oauth/authorize',
  token: '/oauth/token',
  me: '/api/v1/me',
  webhooks: '/api/v1/webhooks',
  affiliates: '/api/v1/affiliates',
  conversions: '/api/v1/conversions',
  payouts: '/api/v1/payouts',
  offers: '/api/v1/offers',
  trackingLinks: '/api/v1/tracking-links',
} as const;

/** The permissions a connection asks for. Assumption. */
export const SCOPES = [
  'affiliates:read',
  'conversions:read',
  'payouts:read',
  'offers:read',
  'webhooks:write',
  'affiliates:write',
  'conversions:write',
  'links:write',
] as const;

export type Scope = (typeof SCOPES)[number];

/** Published: the header that carries `sha256=<hex>`, an HMAC-SHA256 of the raw body. */
export const SIGNATURE_HEADER = 'X-Attro-Signature';

/** Published: the shape of a webhook secret in the guide. */
export const SECRET_PREFIX = 'whsec_';

/** Published: the seconds that pass before each try to deliver, counted from the end of the one before. */
export const RETRY_DELAYS_SECONDS = [0, 60, 5 * 60, 30 * 60] as const;

/** Published: the seconds that a try to deliver may last. */
export const DELIVERY_TIMEOUT_SECONDS = 30;

/** The last copy of a delivery leaves at most this many seconds after the first. */
export const RETRY_WINDOW_SECONDS = RETRY_DELAYS_SECONDS.reduce<number>(
  (total, delay) => total + delay + DELIVERY_TIMEOUT_SECONDS,
  0,
);

/** The most records a list gives at once. Assumption. */
export const MAX_PAGE_SIZE = 100;

/** The kinds of record that Attro has. */
export type RecordKind = 'affiliate' | 'conversion' | 'payout';

/** The families of `data` that a delivery can carry: each has its own fields. */
export type Family = RecordKind | 'fraud';

export interface EventFacts {
  family: Family;
  /** False for an event that Attro's guide does not name; absent for all others. */
  published?: false;
  /** The list that holds records like the event's, and what it is asked for. Assumption. */
  list: List & {
    /** The status that a record has after the event; absent where the event is not about one. */
    status?: string;
  };
  /** What a delivery of this event may say about the change. Assumption: none is published. */
  tells?: readonly ChangeFact[];
}

/** Facts about a change of status. */
export type ChangeFact = 'previous_status' | 'rejection_reason' | 'failure_reason';

/** A list of Attro's: where it is, the permission that it needs, and what it holds. Assumption. */
export const LISTS = {
  affiliates: { path: PATHS.affiliates, scope: 'affiliates:read', plural: 'affiliates' },
  conversions: { path: PATHS.conversions, scope: 'conversions:read', plural: 'conversions' },
  payouts: { path: PATHS.payouts, scope: 'payouts:read', plural: 'payouts' },
  offers: { path: PATHS.offers, scope: 'offers:read', plural: 'offers' },
  webhooks: { path: PATHS.webhooks, scope: 'webhooks:write', plural: 'webhook endpoints' },
} as const satisfies Record<string, { path: string; scope: Scope; plural: string }>;

export type List = (typeof LISTS)[keyof typeof LISTS];

const { affiliates, conversions, payouts } = LISTS;

/**
 * Each event, described once. Published: the names, unless a row says otherwise, and that approval
 * means `active` for an affiliate, `approved` for a conversion. The other statuses are assumptions.
 */
const EVENT_TABLE = {
  'affiliate.created': { family: 'affiliate', list: affiliates },
  'affiliate.approved': {
    family: 'affiliate',
    list: { ...affiliates, status: 'active' },
    tells: ['previous_status'],
  },
  'affiliate.suspended': {
    family: 'affiliate',
    list: { ...affiliates, status: 'suspended' },
    tells: ['previous_status'],
  },
  'conversion.created': { family: 'conversion', list: conversions },
  'conversion.approved': {
    family: 'conversion',
    list: { ...conversions, status: 'approved' },
    tells: ['previous_status'],
  },
  'conversion.rejected': {
    family: 'conversion',
    list: { ...conversions, status: 'rejected' },
    tells: ['previous_status', 'rejection_reason'],
  },
  'payout.initiated': {
    family: 'payout',
    list: { ...payouts, status: 'processing' },
    tells: ['previous_status'],
  },
  'payout.completed': {
    family: 'payout',
    list: { ...payouts, status: 'completed' },
    tells: ['previous_status'],
  },
  'payout.failed': {
    family: 'payout',
    list: { ...payouts, status: 'failed' },
    tells: ['previous_status', 'failure_reason'],
  },
  'fraud.detected': { family: 'fraud', list: conversions },
} as const satisfies Readonly<Record<string, EventFacts>>;

/** Published: the names of the events. */
export type EventName = keyof typeof EVENT_TABLE;

/** The facts of each event by its name. */
export const EVENTS: Readonly<Record<EventName, EventFacts>> = EVENT_TABLE;

/** Every event, in the order in which Attro's guide lists them. */
export const EVENT_NAMES = Object.keys(EVENTS) as EventName[];

/** The record that a family's `data` describes: a fraud event is about a conversion. */
export function recordKind(family: Family): RecordKind {
  return family === 'fraud' ? 'conversion' : family;
}

/** Where Attro's own screens show a record. Assumption: no such address is published. */
export function recordUrl(baseUrl: string, kind: RecordKind | 'offer', id: string): string {
  return `${baseUrl}/${kind}s/${encodeURIComponent(id)}`;
}

/**
 * Where a delivery may state such a fact, in the order they are looked for. Assumption.
 */
export const CHANGE_FACT_PATHS: Readonly<Record<ChangeFact, readonly (readonly string[])[]>> = {
  previous_status: [
    ['previous_status'],
    ['changes', 'status', 'from'],
    ['changes', 'status', 'previous'],
    ['changes', 'previous_status'],
  ],
  rejection_reason: [['rejection_reason'], ['reason']],
  failure_reason: [['failure_reason'], ['reason']],
};

/** Where a tracking link names its offer, in the order they are looked for. Assumption. */
export const LINK_OFFER_PATHS = {
  id: [['offer', 'id'], ['offer_id']],
  name: [['offer', 'name'], ['offer_name']],
} as const;

/** The fields that tell when something happened to a record; the latest one wins in a list. */
export const RECORD_TIMES = ['completed_at', 'updated_at', 'created_at'] as const;

/** Raised when `ATTRO_BASE_URL` cannot be used; the message says how to set it. */
export class BaseUrlError extends Error {}

/**
 * The address that every request goes to, without a slash at its end. Read when a call runs, so
 * that nothing of the machine that builds the app is baked into it.
 *
 * @throws {BaseUrlError} when `ATTRO_BASE_URL` is not an HTTPS address (HTTP is for loopback only).
 */
export function baseUrl(environment: NodeJS.ProcessEnv = process.env): string {
  const value = environment['ATTRO_BASE_URL']?.trim();
  if (!value) return DEFAULT_BASE_URL;
  if (!URL.canParse(value)) {
    throw new BaseUrlError(
      'ATTRO_BASE_URL is not a web address. Set it to one like https://get-attro.com.',
    );
  }
  const url = new URL(value);
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) {
    throw new BaseUrlError(
      'ATTRO_BASE_URL must start with https://, so that no token is sent openly.',
    );
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new BaseUrlError(
      'ATTRO_BASE_URL must be a bare address: no password, query or fragment.',
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
