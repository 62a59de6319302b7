import { describe, expect, it } from '@jest/globals';
import { REQUEST_TIMEOUT_MS } from '../../attro/client.ts';
import {
  DEFAULT_BASE_URL,
  DELIVERY_TIMEOUT_SECONDS,
  EVENT_NAMES,
  EVENTS,
  LISTS,
  MAX_PAGE_SIZE,
  PATHS,
  RETRY_DELAYS_SECONDS,
  SCOPES,
  SECRET_PREFIX,
  SIGNATURE_HEADER,
} from '../../attro/contract.ts';
import { CREATE_TABLE } from '../../creates/table.ts';
import type { CreateRow } from '../../creates/create-row.ts';
import { placesOf, readContract, type Operation } from '../support/contract.ts';

/** What attro/contract.ts says of Attro and what attro/openapi.yaml says must be the same. */

const contract = readContract();
const { paths, webhooks, components } = contract;
const places = placesOf(contract);
const { flows } = components.securitySchemes.oauth2;

const METHODS = ['get', 'post', 'patch', 'delete'];

/** The permissions that an operation asks of an OAuth2 token. */
function scopesOf(operation: Operation | undefined): string[] {
  return (operation?.security ?? []).flatMap(({ oauth2 = [] }) => oauth2);
}

/** Where a record of a kind is described. */
function recordOf(path: string): string {
  const names: Record<string, string> = {
    [PATHS.affiliates]: 'Affiliate',
    [PATHS.conversions]: 'Conversion',
    [PATHS.payouts]: 'Payout',
  };
  return names[path] ?? '';
}

describe('attro/contract.ts and attro/openapi.yaml agree on', () => {
  it('the host', () => {
    const urls = [contract, ...Object.values(paths)].flatMap(({ servers = [] }) =>
      servers.map(({ url }) => url),
    );
    const { authorizationUrl, tokenUrl, refreshUrl } = flows.authorizationCode;
    for (const url of [...urls, authorizationUrl, tokenUrl, refreshUrl]) {
      expect(new URL(url).origin).toBe(DEFAULT_BASE_URL);
    }
  });

  it('the paths', () => {
    expect(Object.keys(places)).toEqual(expect.arrayContaining(Object.values(PATHS)));
    const roots = Object.keys(places).map((place) => place.replace(/\/\{.*$/, ''));
    expect([...new Set(roots)].sort()).toEqual(Object.values(PATHS).sort());
    const { authorizationUrl, tokenUrl, refreshUrl } = flows.authorizationCode;
    expect(authorizationUrl).toBe(`${DEFAULT_BASE_URL}${PATHS.authorize}`);
    expect([tokenUrl, refreshUrl]).toEqual(Array(2).fill(`${DEFAULT_BASE_URL}${PATHS.token}`));
  });

  it('the events', () => {
    expect(Object.keys(webhooks)).toEqual(EVENT_NAMES);
    expect(components.schemas['EventName']?.enum).toEqual(EVENT_NAMES);
    for (const event of EVENT_NAMES) {
      const example = webhooks[event]?.post.requestBody?.content['application/json']?.example;
      expect(example).toMatchObject({ event });
    }
  });

  it('the permissions', () => {
    expect(Object.keys(flows.authorizationCode.scopes)).toEqual(SCOPES);
    const needed = Object.values(paths).flatMap((item) =>
      METHODS.flatMap((method) => scopesOf(item[method])),
    );
    expect([...new Set(needed)].sort()).toEqual([...SCOPES].sort());
    for (const { path, scope } of Object.values(LISTS)) {
      expect([path, scopesOf(places[path]?.['get'])]).toEqual([path, [scope]]);
    }
    expect(scopesOf(places[PATHS.me]?.['get'])).toEqual([]);
    for (const path of [PATHS.webhooks, `${PATHS.webhooks}/{id}`]) {
      for (const operation of METHODS.flatMap((method) => places[path]?.[method] ?? [])) {
        expect(scopesOf(operation)).toEqual(['webhooks:write']);
      }
    }
  });

  it.each(CREATE_TABLE)('what $label asks for', ({ method, path, scope, ...row }: CreateRow) => {
    const place = row.target === undefined ? path : `${path}/{id}`;
    const operation = places[place]?.[method.toLowerCase()];
    expect(scopesOf(operation)).toEqual([scope]);
  });

  it('the statuses', () => {
    const withStatus = EVENT_NAMES.filter((event) => EVENTS[event].list.status !== undefined);
    expect(withStatus.length).toBeGreaterThan(5);
    for (const event of withStatus) {
      const { path, status = '' } = EVENTS[event].list;
      const { post } = webhooks[event] ?? {};
      const example = post?.requestBody?.content['application/json']?.example;
      expect([event, example]).toEqual([
        event,
        expect.objectContaining({ data: expect.objectContaining({ status }) }),
      ]);
      const known = components.schemas[recordOf(path)]?.properties?.['status']?.examples;
      expect(known).toContain(status);
    }
  });

  it.each([
    ['update_affiliate_status', 'AffiliateChange'],
    ['update_conversion_status', 'ConversionChange'],
  ])('the statuses that %s can set', (key, schema) => {
    const row = CREATE_TABLE.find((each) => each.key === key);
    const { field } = row?.inputs.find(({ attroName }) => attroName === 'status') ?? {};
    const known = components.schemas[schema]?.properties?.['status']?.enum;
    expect(known).toEqual(Object.keys(field?.choices ?? {}));
  });

  it('the signature header and the look of a secret', () => {
    const { Signature } = components.parameters;
    expect(Signature).toMatchObject({ name: SIGNATURE_HEADER, in: 'header', required: true });
    for (const { post } of Object.values(webhooks)) {
      expect(post.parameters).toEqual([{ $ref: '#/components/parameters/Signature' }]);
    }
    const creating = places[PATHS.webhooks]?.['post']?.requestBody?.content['application/json'];
    expect(creating?.example?.['secret']).toMatch(new RegExp(`^${SECRET_PREFIX}`));
  });

  it('the retry schedule', () => {
    const { description, 'x-attro-delivery': delivery } = contract.info;
    expect(delivery).toMatchObject({
      delays_seconds: RETRY_DELAYS_SECONDS,
      timeout_seconds: DELIVERY_TIMEOUT_SECONDS,
    });
    const rows = RETRY_DELAYS_SECONDS.map((delay, index) => `| ${index + 1} | ${inWords(delay)} |`);
    expect(description).toContain(
      [...rows, `| ${rows.length + 1} | none: the endpoint is disabled |`].join('\n'),
    );
    expect(description).toContain(`| 2xx within ${DELIVERY_TIMEOUT_SECONDS} seconds | delivered |`);
  });

  it('the size of a page, and how long an answer may take', () => {
    expect(components.parameters['Limit']?.schema.maximum).toBe(MAX_PAGE_SIZE);
    expect(contract.info.description).toContain(`waits ${REQUEST_TIMEOUT_MS / 1_000} seconds`);
  });
});

/** A delay as the guide writes it. */
function inWords(seconds: number): string {
  if (seconds === 0) return 'immediate';
  return seconds === 60 ? '1 minute' : `${seconds / 60} minutes`;
}
