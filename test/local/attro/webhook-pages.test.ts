import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { EVENT_NAMES, startSandbox } from '../../../local/attro/index.ts';
import type { Sandbox } from '../../../local/attro/index.ts';
import { createFormGuard } from '../../../local/attro/pages/form-guard.ts';
import { webhookPages } from '../../../local/attro/pages/webhooks.ts';
import type { WebhookPageParts } from '../../../local/attro/pages/webhooks.ts';
import { sign } from '../../support/deliveries.ts';
import { callApi } from './sign-in.ts';

const SECRET = 'whsec_of_the_tests';

/** Markup, quotes, text that runs from right to left, what cannot be seen, and a lot of it. */
const HOSTILE = `"'></pre></textarea><script>alert(1)</script><img src=x onerror=alert(1)>&amp;\u202Ejavascript:alert(1)\u202C\u200B\u2066שלום\0${'x'.repeat(10_000)}`;

/** What a page must not hold of it, wherever it stands. */
const LEAKS = /<script>alert|<img|&amp;amp;javascript|onerror=alert\(1\)>/;

let sandbox: Sandbox;
let received: { headers: IncomingHttpHeaders; body: string }[];
/** What the receiver answers with. */
let answer: { status: number; body: string };

const receiver = createServer((request, response) => {
  void text(request).then((body) => {
    received.push({ headers: request.headers, body });
    response.writeHead(answer.status).end(answer.body);
  });
});

beforeAll(async () => {
  [sandbox] = await Promise.all([
    startSandbox({ speed: 3000 }),
    once(receiver.listen(0, '127.0.0.1'), 'listening'),
  ]);
  received = [];
  answer = { status: 200, body: 'thanks' };
});

afterAll(async () => {
  await sandbox.close();
  receiver.closeAllConnections();
  receiver.close();
});

const receiverUrl = (path = '/hook'): string =>
  `http://127.0.0.1:${(receiver.address() as AddressInfo).port}${path}`;

/** Opens a page as a browser does. */
async function open(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${sandbox.baseUrl}${path}`, {
    headers: { accept: 'text/html,*/*;q=0.8', ...headers },
    redirect: 'manual',
  });
  return { status: response.status, headers: response.headers, html: await response.text() };
}

type Fields = Record<string, string | string[]>;

async function post(path: string, fields: Fields, headers: Record<string, string> = {}) {
  const body = new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, one]),
    ),
  );
  const response = await fetch(`${sandbox.baseUrl}${path}`, {
    method: 'POST',
    headers: { accept: 'text/html,*/*;q=0.8', origin: sandbox.baseUrl, ...headers },
    body,
    redirect: 'manual',
  });
  const to = response.headers.get('location');
  return { status: response.status, to, html: await response.text() };
}

async function formToken(): Promise<string> {
  return /name="form_token" value="([^"]+)"/.exec((await open('/send')).html)?.[1] ?? '';
}

/** Sends a form of the sandbox's own. */
async function submit(path: string, fields: Fields) {
  return post(path, { form_token: await formToken(), ...fields });
}

/** Adds an endpoint through the API; gives its id. */
async function subscribe(events: readonly string[], url = receiverUrl()): Promise<string> {
  const { body } = await callApi(sandbox, '/webhooks', {
    token: sandbox.apiKey,
    method: 'POST',
    json: { url, events, secret: SECRET },
  });
  return (body as { id: string }).id;
}

/** Everything that a person could change, to see that it stays. */
async function everything(): Promise<unknown> {
  const lists = sandbox
    .subscriptions()
    .map(({ id }) => callApi(sandbox, `/webhooks/${id}/deliveries`, { token: sandbox.apiKey }));
  return [sandbox.subscriptions(), (await Promise.all(lists)).map(({ body }) => body)];
}

const unescaped = (html: string): string =>
  html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

/** What is said at a field. */
const wrongAt = (html: string, field: string): string =>
  unescaped(new RegExp(`id="${field}-wrong">([^<]*)<`).exec(html)?.[1] ?? 'nothing').trim();

/** The paths at which the pages take forms, as the router has them. */
function formPaths(): string[] {
  const parts = { guard: createFormGuard(), deliveries: {} } as unknown as WebhookPageParts;
  interface Layer {
    route?: { path: string | string[]; methods: { post?: boolean } };
    handle: { stack?: Layer[] };
  }
  const paths = (layers: Layer[]): string[] =>
    layers.flatMap(({ route, handle }) =>
      route?.methods.post ? route.path : paths(handle.stack ?? []),
    );
  return paths(webhookPages(parts).stack as unknown as Layer[]);
}

describe('forms of other sites', () => {
  it('are the forms of these pages', () => {
    expect(formPaths().sort()).toEqual([
      '/send',
      '/webhooks/:id/deliveries/:delivery',
      '/webhooks/:id/edit',
      '/webhooks/:id/remove',
      '/webhooks/:id/status',
      '/webhooks/new',
    ]);
  });

  it.each(formPaths())('are refused at %s and change nothing', async (path) => {
    const id = await subscribe(['payout.failed']);
    const results = await sandbox.emit('payout.failed');
    const sent = results.find(({ webhook_id }) => webhook_id === id);
    const address = path.replace(':id', id).replace(':delivery', sent?.id ?? '');
    const fields = {
      ...{ url: receiverUrl('/evil'), events: 'payout.failed', secret: 'whsec_of_somebody_else' },
      ...{ event: 'payout.failed', data: '{}', to: id, copies: '1', forge: '', status: 'disabled' },
    };
    const before = await everything();
    const form_token = await formToken();
    for (const [given, headers] of [
      [fields, {}],
      [{ ...fields, form_token: 'AAAA' }, {}],
      [{ ...fields, form_token: [form_token, form_token] }, {}],
      [{ ...fields, form_token }, { origin: 'https://evil.example' }],
      [{ ...fields, form_token }, { origin: 'null' }],
    ] as const) {
      const { status, html } = await post(address, { ...given } as Fields, headers);
      expect([status, html]).toEqual([403, expect.stringContaining('This form cannot be used')]);
    }
    expect(await everything()).toEqual(before);
    // With the right token it is taken.
    expect((await post(address, { ...fields, form_token })).status).toBe(303);
    expect(await everything()).not.toEqual(before);
    await callApi(sandbox, `/webhooks/${id}`, { token: sandbox.apiKey, method: 'DELETE' });
  });
});

describe('pages', () => {
  it('let the browser load nothing but the sandbox’s own files, and be framed by nobody', async () => {
    const { headers, html } = await open('/');
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("form-action 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(html).not.toMatch(/<script>|<style|style=|\son\w+=/);
  });

  it('answer to loopback names only', async () => {
    const { port } = new URL(sandbox.baseUrl);
    const asked = get({ port, host: '127.0.0.1', headers: { host: 'evil.example' } });
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    expect([response.statusCode, await text(response)]).toEqual([
      403,
      expect.stringContaining('loopback'),
    ]);
  });

  it.each([
    ['/nothing', 404],
    ['/webhooks/wh_unknown', 404],
    ['/webhooks/wh_unknown/edit', 404],
    ['/webhooks/wh_unknown/remove', 404],
    ['/webhooks/wh_unknown/deliveries/del_unknown', 404],
    ['/webhooks/..%2F..%2Fapi', 404],
    ['/webhooks/%E0%A4%A', 400],
    ['/?cursor=nonsense', 400],
  ])('say in words what is wrong with the address %s', async (path, status) => {
    const page = await open(path);
    expect([page.status, page.headers.get('content-type')]).toEqual([
      status,
      'text/html; charset=utf-8',
    ]);
    expect(page.html).toContain(status === 404 ? 'There is nothing here' : 'This cannot be read');
    expect(page.html).toContain('<a href="/">');
  });

  it('say in words that a list has no such part', async () => {
    const id = await subscribe(['payout.failed']);
    for (const query of ['status=x', 'cursor=x', 'status=failed&status=pending']) {
      const { status } = await open(`/webhooks/${id}?${query}`);
      expect([query, status]).toEqual([query, query.includes('&') ? 200 : 400]);
    }
  });

  it('are not what programs are answered with', async () => {
    for (const path of ['/nothing', '/webhooks/wh_unknown', '/api/v1/nothing']) {
      const { status, html } = await open(path, { accept: '*/*' });
      expect([status, JSON.parse(html)]).toEqual([404, { error: 'Not found', retryable: false }]);
    }
    expect(JSON.parse((await open('/api/v1/me')).html)).toMatchObject({ retryable: false });
  });

  it('refuse a form that is too large', async () => {
    const { status, html } = await submit('/send', { data: 'x'.repeat(3_000_000) });
    expect([status, html]).toEqual([413, expect.stringContaining('This cannot be read')]);
  });

  it('tell only what was really done', async () => {
    expect((await open('/?done=removed')).html).toContain('The endpoint was removed');
    for (const query of ['constructor', 'toString', '<b>', '&done=removed&done=sent']) {
      const { status, html } = await open(`/?done=${query}`);
      expect([status, html]).toEqual([200, expect.not.stringContaining('class="note')]);
    }
  });
});

describe('an endpoint’s form', () => {
  it('adds an endpoint that works, without showing its secret again', async () => {
    const suggested = /name="secret"[^>]*value="(whsec_[0-9a-f]{48})"/;
    const [first, second] = await Promise.all([open('/webhooks/new'), open('/webhooks/new')]);
    const secret = suggested.exec(first.html)?.[1] ?? '';
    expect(secret).not.toBe(suggested.exec(second.html)?.[1]);
    const url = receiverUrl('/added');
    const events = ['affiliate.created', 'payout.failed'];
    const { status, to } = await submit('/webhooks/new', { url: ` ${url} `, events, secret });
    expect(status).toBe(303);
    const [id] = /wh_\w+/.exec(to ?? '') ?? [];
    expect(sandbox.subscriptions().at(-1)).toMatchObject({ id, url, events, status: 'active' });
    for (const path of ['/', to ?? '', `/webhooks/${id}/edit`]) {
      expect((await open(path)).html).not.toContain(secret);
    }
  });

  it.each([
    { url: 'ftp://example.com', events: 'payout.failed', secret: SECRET },
    { url: '', events: [], secret: '' },
    { url: 'https://example.com', events: ['payout.failed', 'x.y'], secret: 'short' },
    { url: 'https://example.com', events: ['payout.failed', 'payout.failed'], secret: SECRET },
  ])('is refused for what the API refuses, at the same fields: %j', async (fields) => {
    const json = { ...fields, events: [fields.events].flat() };
    const refused = await callApi(sandbox, '/webhooks', {
      ...{ token: sandbox.apiKey, method: 'POST', json },
    });
    const { details } = refused.body as { details: { path: string[]; message: string }[] };
    const before = sandbox.subscriptions();
    const { status, html } = await submit('/webhooks/new', fields);
    expect([status, refused.status]).toEqual([422, 422]);
    for (const name of ['url', 'events', 'secret']) {
      const messages = details.filter(({ path }) => path[0] === name);
      expect([name, wrongAt(html, name)]).toEqual([
        name,
        messages.map(({ message }) => message).join('; ') || 'nothing',
      ]);
      expect(html.includes(`<a href="#${name}">`)).toBe(messages.length > 0);
    }
    expect(sandbox.subscriptions()).toEqual(before);
  });

  it('keeps what was typed and ticked when it is refused', async () => {
    const { html } = await submit('/webhooks/new', {
      ...{ url: HOSTILE, events: ['fraud.detected', 'payout.sent'], secret: HOSTILE },
    });
    const value = /id="url"[^>]*?value="([^"]*)"/s.exec(html)?.[1] ?? '';
    // HTML has no null character; the network puts another in its place.
    expect(unescaped(value).replace(/[\0\uFFFD]/, '')).toBe(HOSTILE.replace('\0', '').trim());
    expect(html.match(/value="[\w.]+"\s+checked/g)).toHaveLength(1);
    expect(html).toMatch(/value="fraud\.detected"\s+checked/);
    expect(html).not.toMatch(LEAKS);
  });

  it('changes what it shows, and the secret only when there is a new one', async () => {
    const id = await subscribe(['payout.failed']);
    const signatureNow = async (): Promise<unknown> => {
      received = [];
      await sandbox.emit('payout.completed', { data: { id: 'same' } });
      return received.at(-1)?.headers['x-attro-signature'];
    };
    const fields = { url: receiverUrl('/changed'), events: ['payout.completed'], secret: '' };
    expect((await open(`/webhooks/${id}/edit`)).html).toMatch(/value="payout\.failed"\s+checked/);
    const { to } = await submit(`/webhooks/${id}/edit`, fields);
    expect(to).toBe(`/webhooks/${id}?done=changed`);
    expect(sandbox.subscriptions().at(-1)).toMatchObject({ id, url: fields.url });
    expect(await signatureNow()).toBe(await sign(received[0]?.body ?? '', SECRET));
    await submit(`/webhooks/${id}/edit`, { ...fields, secret: 'another secret of it' });
    const signature = await signatureNow();
    expect(signature).toBe(await sign(received[0]?.body ?? '', 'another secret of it'));
    const refused = await submit(`/webhooks/${id}/edit`, { ...fields, secret: 'short' });
    expect([refused.status, wrongAt(refused.html, 'secret')]).toEqual([
      422,
      'Must have at least 16 characters',
    ]);
  });

  it('says that an endpoint which is gone is gone', async () => {
    for (const action of ['edit', 'remove', 'status', 'deliveries/del_1']) {
      const { status, html } = await submit(`/webhooks/wh_gone/${action}`, {
        url: receiverUrl(),
        events: 'payout.failed',
      });
      expect([action, status]).toEqual([action, 404]);
      expect(html).toContain('There is nothing here');
    }
  });
});

describe('the form for events', () => {
  let id: string;
  const fields = { event: 'conversion.created', data: '{}', copies: '1', forge: '' };

  beforeAll(async () => {
    id = await subscribe(['fraud.detected']);
  });

  it.each(EVENT_NAMES)('is filled with the sample of %s', async (event) => {
    const { html } = await open(`/send?event=${event}&to=${id}`);
    const typed = /<textarea[^>]*>(.*)<\/textarea>/s.exec(html)?.[1] ?? '';
    const data = JSON.parse(unescaped(typed)) as object;
    const { body } = await callApi(sandbox, `/webhooks/${id}/test`, {
      ...{ token: sandbox.apiKey, method: 'POST', json: { event } },
    });
    const sent = (body as { id: string }).id;
    const page = (await open(`/webhooks/${id}/deliveries/${sent}`)).html;
    const [text = ''] = [...page.matchAll(/<pre>(.*?)<\/pre>/gs)]
      .map(([, one = '']) => one)
      .slice(-1);
    expect(JSON.parse(unescaped(text))).toMatchObject({ event, data });
    expect(html).toMatch(new RegExp(`<option value="${id}"\\s+selected`));
  });

  it('sends what was typed to the letter, signed', async () => {
    received = [];
    const data = '{\r\n  "id": "conv_1",\r\n  "amount": 99.00, "big": 12345678901234567890\r\n}';
    const { status, to } = await submit('/send', { ...fields, data, to: id });
    expect([status, to]).toEqual([
      303,
      expect.stringMatching(`^/webhooks/${id}/deliveries/del_\\w+\\?done=sent$`),
    ]);
    while (received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const [{ body, headers } = { body: '', headers: {} }] = received;
    expect(body.endsWith(`"data":${data.replaceAll('\r', '')}}`)).toBe(true);
    expect(JSON.parse(body)).toEqual({
      event: 'conversion.created',
      timestamp: expect.stringMatching(/Z$/),
      data: JSON.parse(data) as unknown,
    });
    expect(headers['x-attro-signature']).toBe(await sign(body, SECRET));
  });

  it.each<[string, Fields, Record<string, string>]>([
    ['no JSON', { data: '{"id": ' }, { data: 'JSON' }],
    ['no object', { data: '[1]' }, { data: 'It must be a JSON object: { … }' }],
    ['nothing', { data: '' }, { data: 'JSON' }],
    ['an unknown event', { event: 'payout.lost' }, { event: 'affiliate.created' }],
    ['no event', { event: '' }, { event: 'affiliate.created' }],
    ['no copy', { copies: '0' }, { copies: '>=1' }],
    ['too many copies', { copies: '1001' }, { copies: '<=1000' }],
    ['half a copy', { copies: '1.5' }, { copies: 'int' }],
    ['copies in words', { copies: 'two' }, { copies: 'number' }],
    ['an unknown forgery', { forge: 'x' }, { forge: 'signature' }],
    ['an endpoint that is gone', { to: 'wh_gone' }, { to: 'This endpoint is gone.' }],
    ['an event that nobody chose', { to: '' }, { to: 'No active endpoint chose this event.' }],
    [
      'several at once',
      { data: HOSTILE, copies: '-1', forge: HOSTILE },
      { data: 'JSON', copies: '>=1', forge: 'signature' },
    ],
  ])('is shown again for %s, with what was typed', async (_case, changes, wrong) => {
    const given: Fields = { ...fields, event: 'affiliate.approved', to: id, ...changes };
    const before = await everything();
    const { status, html } = await submit('/send', given);
    expect(status).toBe(422);
    for (const name of ['event', 'data', 'to', 'copies', 'forge']) {
      const expected = wrong[name];
      expect([name, wrongAt(html, name)]).toEqual([
        name,
        expected === undefined ? 'nothing' : expect.stringContaining(expected),
      ]);
      expect(html.includes(`<li><a href="#${name}">`)).toBe(expected !== undefined);
    }
    const typed = /<textarea[^>]*>\n(.*)<\/textarea>/s.exec(html)?.[1] ?? '';
    expect(unescaped(typed).replace(/[\0\uFFFD]/, '')).toBe(
      String(given['data']).replace('\0', ''),
    );
    expect(html).not.toMatch(LEAKS);
    expect(await everything()).toEqual(before);
  });

  it('says that there is no event of an unknown name', async () => {
    for (const event of ['x', '', '<b>', 'constructor']) {
      const { status, html } = await open(`/send?event=${encodeURIComponent(event)}`);
      expect([event, status]).toEqual([event, 422]);
      expect(wrongAt(html, 'event')).toContain('no such event');
      expect(html).not.toContain('<b></');
    }
    expect((await open('/send?event=a&event=b')).status).toBe(422);
  });

  it('leads to where the attempts are seen', async () => {
    const both = ['affiliate.suspended'];
    const first = await subscribe(both);
    expect((await submit('/send', { ...fields, event: both })).to).toMatch(
      new RegExp(`^/webhooks/${first}/deliveries/`),
    );
    expect((await submit('/send', { ...fields, event: both, copies: '3' })).to).toBe(
      `/webhooks/${first}?done=sent`,
    );
    await subscribe(both);
    expect((await submit('/send', { ...fields, event: both })).to).toBe('/?done=sent');
  });
});

describe('what comes from the network', () => {
  it('is shown as the text that it is, on every page', async () => {
    answer = { status: 500, body: HOSTILE };
    const url = receiverUrl(`/${HOSTILE.replaceAll(/\s|\0/g, '')}`);
    const id = await subscribe(['payout.initiated'], url);
    const [sent] = await sandbox.emit('payout.initiated', {
      data: { id: HOSTILE, [HOSTILE]: [HOSTILE] },
    });
    answer = { status: 200, body: 'thanks' };
    const delivery = `/webhooks/${id}/deliveries/${sent?.id}`;
    const paths = [
      '/',
      `/send?to=${id}`,
      delivery,
      ...['', '/edit', '/remove'].map((end) => `/webhooks/${id}${end}`),
    ];
    for (const path of paths) {
      const { status, html } = await open(path);
      expect([path, status]).toEqual([path, 200]);
      expect([path, LEAKS.exec(html), html.includes('&lt;/pre&gt;')]).toEqual([path, null, true]);
      // Only its own page shows the whole of it.
      if (['/', '/send'].includes(new URL(path, sandbox.baseUrl).pathname)) {
        expect(html.includes('x'.repeat(100))).toBe(false);
      }
    }
    const { html } = await open(delivery);
    expect(unescaped(html).includes(JSON.stringify(HOSTILE).slice(1, -1))).toBe(true);
    expect(html.includes('Only the first 2000 characters')).toBe(true);
  });

  it('may be nested deeper than any page could show with line breaks', async () => {
    const target = await subscribe(['payout.failed'], receiverUrl('/deep'));
    for (const depth of [3000, 200_000]) {
      const data = `{"id":"deep","x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
      const { to } = await submit('/send', {
        ...{ event: 'payout.failed', data, to: target, copies: '1', forge: '' },
      });
      const { status, html } = await open(to ?? '');
      expect([depth, status]).toEqual([depth, 200]);
      expect(html.length).toBeLessThan(5 * data.length + 20_000);
      expect(html).toContain('['.repeat(depth));
    }
  });
});

describe('lists', () => {
  it('are shown a page at a time, newest first, and by state', async () => {
    const id = await subscribe(['affiliate.approved'], receiverUrl('/many'));
    await sandbox.emit('affiliate.approved', { copies: 30 });
    const inTable = (html: string): string[] => [
      ...new Set(html.split('>Deliveries<')[1]?.match(/del_\w+/g)),
    ];
    const first = (await open(`/webhooks/${id}`)).html;
    const older = /href="(\?[^"]*)" rel="next"/.exec(first)?.[1] ?? '';
    const second = (await open(`/webhooks/${id}${unescaped(older)}`)).html;
    expect([inTable(first).length, inTable(second).length]).toEqual([25, 5]);
    expect(new Set([...inTable(first), ...inTable(second)]).size).toBe(30);
    expect(second).not.toContain('rel="next"');
    expect(second).toContain('>Newest<');
    const succeeded = (await open(`/webhooks/${id}?status=succeeded`)).html;
    expect(inTable(succeeded)).toEqual(inTable(first));
    expect(unescaped(succeeded)).toMatch(/href="\?status=succeeded&cursor=\w+" rel="next"/);
    expect(inTable((await open(`/webhooks/${id}?status=failed`)).html)).toEqual([]);
  });
});

describe('changes', () => {
  /** Follows the stream of changes; gives what has come so far, and its end. */
  async function follow(from: Sandbox) {
    const response = await fetch(`${from.baseUrl}/changes`);
    let seen = '';
    const ended = (async () => {
      for await (const chunk of response.body ?? []) {
        seen += new TextDecoder().decode(chunk as Uint8Array);
      }
    })();
    return { response, seen: () => seen, ended };
  }

  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('are told as server-sent events, without saying what has changed', async () => {
    const own = await startSandbox({ speed: 3000 });
    const { response, seen, ended } = await follow(own);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    await until(() => seen() !== '');
    expect(seen()).toBe(':\n\n');
    await callApi(own, '/webhooks', {
      ...{ token: own.apiKey, method: 'POST' },
      json: { url: receiverUrl(), events: ['payout.failed'], secret: SECRET },
    });
    await own.emit('payout.failed');
    await until(() => seen().includes('change'));
    expect(
      seen()
        .replace(/^:\n\n/, '')
        .replaceAll('event: change\ndata: \n\n', ''),
    ).toBe('');
    await own.close(true);
    await ended;
  });

  it('do not keep the sandbox from closing, nor from finishing what is sent', async () => {
    const own = await startSandbox();
    const streams = await Promise.all([1, 2, 3].map(() => follow(own)));
    await own.close();
    await Promise.all(streams.map(({ ended }) => ended));
  });
});
