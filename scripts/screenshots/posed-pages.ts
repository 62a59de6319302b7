import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startSandbox, type EventName, type Sandbox } from '../../local/attro/index.ts';
import { time } from '../../local/attro/pages/shown.ts';

/** What the pages load beside themselves. */
export const ASSETS_FOLDER = new URL('../../local/attro/pages/assets/', import.meta.url);

/** When what is shown begins. */
const START = Date.UTC(2026, 0, 26, 12);

/** Where a sign-in of the pictures goes back to. */
const REDIRECT_URI = 'https://zapier.com/dashboard/auth/oauth/return/App1CLIAPI/';

/** The endpoints of the pictures, the last one first on the page: what they take, and answer with. */
const ENDPOINTS: readonly { url: string; events: EventName[]; answers: number[] }[] = [
  {
    url: 'https://crm.example.com/attro',
    events: ['payout.failed'],
    answers: [500, 500, 500, 500],
  },
  {
    url: 'https://hooks.zapier.com/hooks/standard/1/abc/',
    events: ['affiliate.created'],
    answers: [],
  },
  {
    url: 'https://shop.example.com/webhooks/attro',
    events: ['conversion.created', 'conversion.approved', 'fraud.detected'],
    answers: [503],
  },
];

/** Stands in for the endpoints: each has a path of its own. */
async function startReceiver() {
  const answers = ENDPOINTS.map((endpoint) => [...endpoint.answers]);
  const server = createServer((request, response) => {
    const status = answers[Number(request.url?.slice(1))]?.shift() ?? 200;
    const body = status === 200 ? { received: true } : { error: 'Down for maintenance' };
    request.resume().on('end', () => {
      response.writeHead(status).end(JSON.stringify(body));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Follows the start of an authorization to the page that asks for agreement. */
async function consentPage({ baseUrl, clientId, scope }: Sandbox): Promise<string> {
  const query = new URLSearchParams({
    ...{ response_type: 'code', client_id: clientId, redirect_uri: REDIRECT_URI, scope },
    ...{ state: 'state', code_challenge: 'c'.repeat(43), code_challenge_method: 'S256' },
  });
  const first = await fetch(`${baseUrl}/oauth/authorize?${query.toString()}`, {
    redirect: 'manual',
  });
  const cookie = first.headers.getSetCookie().map((text) => text.split(';')[0]);
  const to = new URL(first.headers.get('location') ?? '', baseUrl);
  return (await fetch(to, { headers: { cookie: cookie.join('; ') } })).text();
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * A page with whatever differs from one time to the next replaced by something that looks like it.
 *
 * @param seconds when its moments are, in the order of the page, counted from the start.
 */
function posed(page: string, origin: string, seconds: readonly number[] = []): string {
  const moments = [...seconds];
  const durations = [42, 118, 37, 64, 51];
  const ids = new Map<string, string>();
  const at = (offset = 0): string => new Date(START + 1000 * offset).toISOString();
  return page
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, at())
    .replace(/<time .*?<\/time>/g, () => time(at(moments.shift())).html)
    .replace(/\b\d+ ms/g, () => `${durations.shift() ?? 40} ms`)
    .replace(/\b(wh|del)_[0-9a-f]{16}/g, (id, kind: string) => {
      const shown = ids.get(id) ?? `${kind}_${digest(String(ids.size)).slice(0, 16)}`;
      ids.set(id, shown);
      return shown;
    })
    .replace(/sha256=[0-9a-f]{64}/g, `sha256=${digest('signature')}`)
    .replace(/(name="form_token" value=")[^"]*/g, '$1token')
    .replace(new RegExp(`${origin}/(\\d)`, 'g'), (_, index) => ENDPOINTS[Number(index)]?.url ?? '');
}

/** The pages of which pictures are taken, by their names: always the same, while the sandbox is. */
export async function posedPages(): Promise<Record<string, string>> {
  const [sandbox, { server, origin }] = await Promise.all([
    startSandbox({ speed: 30_000, redirectUris: [REDIRECT_URI] }),
    startReceiver(),
  ]);
  try {
    for (const [index, { events }] of ENDPOINTS.entries()) {
      await fetch(`${sandbox.baseUrl}/api/v1/webhooks`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${sandbox.apiKey}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ url: `${origin}/${index}`, events, secret: 'whsec_of_the_picture' }),
      });
    }
    const [delivery] = await sandbox.emit('conversion.approved');
    for (const event of ENDPOINTS.flatMap(({ events }) => events)) await sandbox.emit(event);
    const open = async (path: string): Promise<string> =>
      (await fetch(`${sandbox.baseUrl}${path}`)).text();
    const { webhook_id, id } = delivery ?? { webhook_id: '', id: '' };
    return {
      webhooks: posed(await open('/'), origin, [372, 341, 2160]),
      delivery: posed(await open(`/webhooks/${webhook_id}/deliveries/${id}`), origin, [0, 0, 60]),
      consent: posed(await consentPage(sandbox), origin),
    };
  } finally {
    await sandbox.close();
    server.closeAllConnections();
    server.close();
  }
}

/** A fingerprint of what a picture shows: it differs when the picture is out of date. */
export function fingerprint(page: string): string {
  const style = readFileSync(new URL('pages.css', ASSETS_FOLDER), 'utf8');
  return digest(page.replace(/\s+/g, ' ') + style).slice(0, 16);
}
