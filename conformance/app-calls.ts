import { isDeepStrictEqual } from 'node:util';
import { EVENT_NAMES, type EventName } from '../attro/contract.ts';
import { isRecord, type AttroRecord } from '../attro/values.ts';
import type { CreateKey } from '../creates/index.ts';
import { SEARCH_TABLE } from '../searches/table.ts';
import { CONVERSION_FILTERS } from '../triggers/filters.ts';
import { TRIGGER_TABLE } from '../triggers/table.ts';
import type { AppOnAnswers, AppOutcome } from './app-on-answers.ts';
import type { Exchange } from './attro-client.ts';

/** One of the app's functions, and what it is given. */
export interface AppCall {
  method: string;
  bundle?: Record<string, unknown>;
}

/**
 * The function of the app that makes each of its requests. What is not here the app never asks, so it
 * cannot be wrong about the answer; a test holds that to the app.
 */
const CALLS: Readonly<Record<string, (id: string, body: AttroRecord) => AppCall>> = {
  getMe: () => ({ method: 'authentication.test' }),
  token: (_id, { grant_type }) => ({
    method: `authentication.oauth2Config.${grant_type === 'refresh_token' ? 'refreshAccessToken' : 'getAccessToken'}`,
  }),
  listAffiliates: () => trigger('affiliate.created', 'performList'),
  listConversions: () => trigger('conversion.created', 'performList'),
  listPayouts: () => trigger('payout.completed', 'performList'),
  listOffers: () => picker('offers'),
  getConversion: (id) => ({
    method: 'searches.find_conversion.operation.perform',
    bundle: { inputData: { conversion_id: id } },
  }),
  createWebhook: (_id, { url, events }) =>
    trigger(eventIn(events), 'performSubscribe', { targetUrl: url }),
  deleteWebhook: (id) =>
    trigger('affiliate.created', 'performUnsubscribe', { subscribeData: { id } }),
  createAffiliate: () => create('create_affiliate', { email: 'a@example.com', display_name: 'A' }),
  updateAffiliate: (id, { status }) =>
    create('update_affiliate_status', { affiliate_id: id, status }),
  createConversion: () =>
    create('record_conversion', {
      ...{ affiliate_id: 'some-id', external_id: 'some-id' },
      ...{ amount: 1, currency: 'USD' },
    }),
  updateConversion: (id, { status }) =>
    create('update_conversion_status', { conversion_id: id, status }),
  createTrackingLink: () =>
    create('create_tracking_link', { affiliate_id: 'some-id', offer_id: 'some-id' }),
};

/** A function of an event's trigger. */
export function trigger(
  event: EventName,
  name: string,
  bundle: Record<string, unknown> = {},
): AppCall {
  const key = TRIGGER_TABLE.find((row) => row.event === event)?.key ?? '';
  return { method: `triggers.${key}.operation.${name}`, bundle };
}

/** The function that fills the dropdown of a kind of record. */
export function picker(list: 'affiliates' | 'conversions' | 'offers', cursor?: string): AppCall {
  const key = `${list.slice(0, -1)}_id`;
  const inputs = CONVERSION_FILTERS.flatMap((filter) => filter.inputs);
  const searched = SEARCH_TABLE.find((row) => row.key === 'find_conversion')?.inputs ?? [];
  const [owner, keys] =
    list === 'conversions'
      ? ['searches.find_conversion', searched.map(({ field }) => field.key)]
      : ['triggers.new_conversion', inputs.map((input) => input.key)];
  return {
    method: `${owner}.operation.inputFields.${keys.indexOf(key)}.choices.perform`,
    bundle: { meta: cursor === undefined ? {} : { paging_token: cursor } },
  };
}

function create(key: CreateKey, inputData: Record<string, unknown>): AppCall {
  return { method: `creates.${key}.operation.perform`, bundle: { inputData } };
}

/** The event that a subscription was asked for; one that there is where it was for none. */
function eventIn(events: unknown): EventName {
  const asked: readonly unknown[] = Array.isArray(events) ? events : [];
  return EVENT_NAMES.find((event) => asked.includes(event)) ?? 'affiliate.created';
}

/** The operations that the app asks. */
export const OPERATIONS_OF_THE_APP: readonly string[] = Object.keys(CALLS);

/**
 * Has the app make the request of an exchange, and gives it the answer that came, or another one. What
 * the app never asks gives it nothing.
 */
export async function appGets(
  app: AppOnAnswers,
  { operation, method, path, asking, outcome: came }: Exchange,
  { outcome = came, meta = {} }: { outcome?: Exchange['outcome']; meta?: object } = {},
): Promise<AppOutcome> {
  const body = asking.form ?? asking.body;
  const call = CALLS[operation]?.(asking.path?.['id'] ?? '', isRecord(body) ? body : {});
  if (!call) return { gave: null };
  return app.run(call.method, { meta, ...call.bundle }, [{ method, path, outcome }]);
}

/** Whether the app takes an answer as a success. What it never asks does not trouble it. */
export async function appTakes(
  app: AppOnAnswers,
  exchange: Exchange | undefined,
): Promise<boolean> {
  return exchange !== undefined && 'gave' in (await appGets(app, exchange));
}

const REFUSAL = { error: 'Refused', details: [{ path: ['field'], message: 'Refused' }] };

/** Whether the app does with an answer what it does with a refusal of this status and body. */
export async function appTakesAsRefusal(
  app: AppOnAnswers,
  exchange: Exchange | undefined,
  status: number,
  json: object = REFUSAL,
): Promise<boolean> {
  if (!exchange) return false;
  const headers = { 'content-type': 'application/json' };
  const outcome = { status, headers, text: JSON.stringify(json), json };
  const expected = await appGets(app, exchange, { outcome });
  return isDeepStrictEqual(await appGets(app, exchange), expected);
}

/** Whether the app does with an answer what its status asks for, whatever else is wrong with it. */
export async function appHeeds(app: AppOnAnswers, exchange: Exchange): Promise<boolean> {
  const { outcome } = exchange;
  const isRefusal = 'status' in outcome && outcome.status >= 400;
  return isRefusal ? appTakesAsRefusal(app, exchange, outcome.status) : appTakes(app, exchange);
}
