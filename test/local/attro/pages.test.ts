import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EVENT_NAMES, startSandbox, type Sandbox } from '../../../local/attro/index.ts';
import { sign } from '../../support/deliveries.ts';
import { startReceiver, until, type Received, type Receiver } from './receiver.ts';
import { ownerOf } from './sign-in.ts';

/** The pages as they are served; test/e2e has them in a browser. */

const SECRET = 'whsec_of_the_tests';

/** Markup, quotes, text that runs from right to left, what cannot be seen, and a lot of it. */
const HOSTILE = `"'></pre></textarea><script>alert(1)</script><img src=x onerror=alert(1)>&amp;\u202Ejavascript:alert(1)\u202C\u200B\u2066שלום\0${'x'.repeat(10_000)}`;

/** What a page must not hold of it, wherever it stands. */
const LEAKS = /<script>alert|<img|&amp;amp;javascript|onerror=alert\(1\)>/;

let sandbox: Sandbox;
let receiver: Receiver;

beforeAll(async () => {
  [sandbox, receiver] = await Promise.all([startSandbox({ speed: 3000 }), startReceiver()]);
});

beforeEach(async () => {
  await sandbox.settled();
  Object.assign(receiver, { received: [], reactions: [], otherwise: 200 });
  for (const { id } of sandbox.subscriptions()) await ownerOf(sandbox)('DELETE', `/webhooks/${id}`);
});

afterAll(async () => {
  await sandbox.close();
  await receiver.close();
});

/** Opens a page as a browser does. */
async function open(path: string, accept = 'text/html,*/*;q=0.8') {
  const response = await fetch(`${sandbox.baseUrl}${path}`, { headers: { accept } });
  return { status: response.status, headers: response.headers, html: await response.text() };
}

type Fields = Record<string, string | string[]>;

/** Sends a form as a browser does; from a page of the sandbox, where nothing else is said. */
async function submit(path: string, fields: Fields, origin = sandbox.baseUrl) {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const one of [value].flat()) body.append(name, one);
  }
  const headers = { accept: 'text/html,*/*;q=0.8', origin };
  const response = await fetch(`${sandbox.baseUrl}${path}`, {
    ...{ method: 'POST', headers, body, redirect: 'manual' },
  });
  const to = response.headers.get('location') ?? '';
  return { status: response.status, to, html: await response.text() };
}

/** Adds an endpoint through the API; gives its id. */
async function subscribe(events: readonly string[], url = receiver.url): Promise<string> {
  const json = { url, events, secret: SECRET };
  return ((await ownerOf(sandbox)('POST', '/webhooks', json)).body as { id: string }).id;
}

const unescaped = (html: string): string =>
  html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

/** The fields at which something is said to be wrong. */
const wrongIn = (html: string): string[] => [
  ...new Set([...html.matchAll(/<li><a href="#(\w+)">/g)].map(([, name = '']) => name)),
];

/** What stands in the form's large field. */
const typedIn = (html: string): string =>
  unescaped(/<textarea[^>]*>\n(.*)<\/textarea>/s.exec(html)?.[1] ?? '');

describe('pages', () => {
  it('let the browser load nothing but the sandbox’s own files, and be framed by nobody', async () => {
    const { headers, html } = await open('/');
    const policy = headers.get('content-security-policy');
    for (const part of ["default-src 'self'", "frame-ancestors 'none'"]) {
      expect(policy).toContain(part);
    }
    expect(policy).not.toContain('unsafe');
    expect(html).not.toMatch(/<script>|<style|style=|\son\w+=/);
  });

  it.each<[string, number]>([
    ['/nothing', 404],
    ['/webhooks/wh_unknown', 404],
    ['/webhooks/wh_unknown/edit', 404],
    ['/webhooks/wh_unknown/deliveries/del_unknown', 404],
    ['/webhooks/..%2F..%2Fapi', 404],
    ['/webhooks/%E0%A4%A', 400],
    ['/?cursor=nonsense', 400],
  ])('say in words what is wrong with the address %s', async (path, status) => {
    const page = await open(path);
    expect(page.status).toBe(status);
    expect(page.html).toContain(status === 404 ? '<h1>Not found' : '<h1>Malformed request');
    expect(page.html).toContain('<a href="/">');
  });

  it('are not what programs are answered with', async () => {
    const { status, html } = await open('/nothing', '*/*');
    expect([status, JSON.parse(html)]).toEqual([404, { error: 'Not found', retryable: false }]);
  });

  it('tell only what was really done', async () => {
    expect((await open('/?done=removed')).html).toContain('The endpoint was removed');
    expect((await open('/?done=constructor')).html).not.toContain('class="note');
  });

  it.each(['new', 'ID/edit', 'ID/remove', 'ID/status'])(
    'take no form of another site at /webhooks/%s',
    async (path) => {
      const id = await subscribe(['payout.failed']);
      const before = sandbox.subscriptions();
      const fields = {
        url: receiver.url,
        events: 'fraud.detected',
        secret: SECRET,
        status: 'disabled',
      };
      for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1']) {
        const { status } = await submit(`/webhooks/${path.replace('ID', id)}`, fields, origin);
        expect(status).toBe(403);
      }
      expect(sandbox.subscriptions()).toEqual(before);
      expect((await submit(`/webhooks/${path.replace('ID', id)}`, fields)).status).toBe(303);
      expect(sandbox.subscriptions()).not.toEqual(before);
    },
  );
});

describe('an endpoint’s form', () => {
  it('adds an endpoint that works, without showing its secret again', async () => {
    const suggested = /name="secret"[^>]*value="(whsec_[0-9a-f]{48})"/;
    const secret = suggested.exec((await open('/webhooks/new')).html)?.[1] ?? '';
    const events = ['affiliate.created', 'payout.failed'];
    const fields = { url: ` ${receiver.url} `, events, secret };
    const { status, to } = await submit('/webhooks/new', fields);
    expect(status).toBe(303);
    const [id] = /wh_\w+/.exec(to) ?? [];
    expect(sandbox.subscriptions()).toMatchObject([
      { id, url: receiver.url, events, status: 'active' },
    ]);
    for (const path of ['/', to, `/webhooks/${id}/edit`]) {
      expect((await open(path)).html).not.toContain(secret);
    }
  });

  it('is refused for what the API refuses, and keeps what was typed and ticked', async () => {
    const fields = { url: HOSTILE, events: ['fraud.detected', 'x.y'], secret: 'short' };
    const { status, html } = await submit('/webhooks/new', fields);
    expect([status, wrongIn(html)]).toEqual([
      422,
      expect.arrayContaining(['url', 'events', 'secret']),
    ]);
    const value = /id="url"[^>]*?value="([^"]*)"/s.exec(html)?.[1] ?? '';
    // HTML has no null character; the network puts another in its place.
    expect(unescaped(value).replace(/[\0\uFFFD]/, '')).toBe(HOSTILE.replace('\0', '').trim());
    expect(/value="([\w.]+)"\s+checked/.exec(html)?.[1]).toBe('fraud.detected');
    expect(html).not.toMatch(LEAKS);
    expect(sandbox.subscriptions()).toEqual([]);
  });

  it('changes what it shows, and the secret only when there is a new one', async () => {
    const id = await subscribe(['payout.failed']);
    const fields = { url: `${receiver.url}/changed`, events: ['payout.completed'], secret: '' };
    const signatureIsOf = async (secret: string) => {
      await sandbox.emit('payout.completed');
      const [{ body, headers }] = receiver.received.slice(-1) as [Received];
      expect(headers['x-attro-signature']).toBe(await sign(body, secret));
    };
    const { to } = await submit(`/webhooks/${id}/edit`, fields);
    expect(to).toBe(`/webhooks/${id}?done=changed`);
    expect(sandbox.subscriptions()).toMatchObject([{ id, url: fields.url }]);
    await signatureIsOf(SECRET);
    await submit(`/webhooks/${id}/edit`, { ...fields, secret: 'another secret of it' });
    await signatureIsOf('another secret of it');
  });
});

describe('the form for events', () => {
  const fields = { event: 'conversion.created', data: '{}', copies: '1', forge: '' };

  it.each(EVENT_NAMES)('is filled with the sample of %s', async (event) => {
    const { html } = await open(`/send?event=${event}`);
    await subscribe([event]);
    const [{ body } = { body: '' }] = await sandbox.emit(event);
    const { data } = JSON.parse(body) as { data: unknown };
    expect(JSON.parse(typedIn(html))).toEqual(data);
  });

  it('sends what was typed to the letter, signed, and leads to where its attempts are seen', async () => {
    const id = await subscribe(['fraud.detected']);
    const data = '{\r\n  "id": "conv_1",\r\n  "amount": 99.00, "big": 12345678901234567890\r\n}';
    const { to } = await submit('/send', { ...fields, data, to: id });
    expect(to).toMatch(`/webhooks/${id}/deliveries/del_`);
    await until(() => receiver.received.length === 1);
    const [{ body, headers }] = receiver.received as [Received];
    expect(body.endsWith(`"data":${data.replaceAll('\r', '')}}`)).toBe(true);
    expect(headers['x-attro-signature']).toBe(await sign(body, SECRET));
    const several = { ...fields, event: 'fraud.detected', copies: '3' };
    expect((await submit('/send', several)).to).toBe(`/webhooks/${id}?done=sent`);
    await subscribe(['fraud.detected']);
    expect((await submit('/send', several)).to).toBe('/?done=sent');
  });

  it.each<[string, Fields, string[]]>([
    ['no JSON', { data: '{"id": ' }, ['data']],
    ['no object', { data: '[1]' }, ['data']],
    ['an unknown event', { event: 'payout.lost' }, ['event']],
    ['half a copy', { copies: '1.5' }, ['copies']],
    ['an unknown forgery', { forge: 'x' }, ['forge']],
    ['an endpoint that is gone', { to: 'wh_gone' }, ['to']],
    ['an event that nobody chose', { to: '' }, ['to']],
    [
      'several at once',
      { data: HOSTILE, copies: '-1', forge: HOSTILE },
      ['data', 'copies', 'forge'],
    ],
  ])('is shown again for %s, with what was typed', async (_case, changes, wrong) => {
    const given: Fields = { ...fields, to: await subscribe(['fraud.detected']), ...changes };
    const { status, html } = await submit('/send', given);
    expect([status, wrongIn(html).sort()]).toEqual([422, wrong.sort()]);
    expect(typedIn(html).replace(/[\0\uFFFD]/, '')).toBe(String(given['data']).replace('\0', ''));
    expect(html).not.toMatch(LEAKS);
    expect(receiver.received).toEqual([]);
  });
});

it('what comes from the network is shown as the text that it is, on every page', async () => {
  receiver.otherwise = (response) => response.writeHead(500).end(HOSTILE);
  const id = await subscribe(
    ['payout.initiated'],
    `${receiver.url}/${HOSTILE.replaceAll(/\s|\0/g, '')}`,
  );
  const data = { id: HOSTILE, [HOSTILE]: [HOSTILE] };
  const [sent] = await sandbox.emit('payout.initiated', { data });
  const delivery = `/webhooks/${id}/deliveries/${sent?.id}`;
  const own = ['', '/edit', '/remove'].map((end) => `/webhooks/${id}${end}`);
  for (const path of ['/', `/send?to=${id}`, delivery, ...own]) {
    const { status, html } = await open(path);
    expect([path, status]).toEqual([path, 200]);
    expect([path, LEAKS.exec(html), html.includes('&lt;/pre&gt;')]).toEqual([path, null, true]);
  }
  const { html } = await open(delivery);
  expect(unescaped(html).includes(JSON.stringify(HOSTILE).slice(1, -1))).toBe(true);
  expect(html.includes('Only the first 2000 characters')).toBe(true);
});

it('deliveries are shown a page at a time, newest first, and by state', async () => {
  const id = await subscribe(['affiliate.approved']);
  await sandbox.emit('affiliate.approved', { copies: 30 });
  const inTable = (html: string): string[] => [
    ...new Set(html.split('>Deliveries<')[1]?.match(/del_\w+/g)),
  ];
  const first = (await open(`/webhooks/${id}?status=succeeded`)).html;
  const older = unescaped(/href="(\?[^"]*)" rel="next"/.exec(first)?.[1] ?? '');
  expect(older).toContain('status=succeeded');
  const second = (await open(`/webhooks/${id}${older}`)).html;
  expect([inTable(first).length, inTable(second).length]).toEqual([25, 5]);
  expect(new Set([...inTable(first), ...inTable(second)]).size).toBe(30);
  expect(second).not.toContain('rel="next"');
  expect(inTable((await open(`/webhooks/${id}?status=failed`)).html)).toEqual([]);
});
