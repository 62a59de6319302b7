import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startSandbox, type EventName } from '../local/attro/index.ts';
import { time } from '../local/attro/pages/shown.ts';

const STYLE = new URL('../local/attro/pages/assets/pages.css', import.meta.url);

/** When each endpoint's last delivery was, in the order of the page. */
const TIMES = ['12:06:12', '12:05:41', '12:36:00'];

/** The endpoints of the picture, the last one first on the page: what they take, and answer with. */
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
    request.resume().on('end', () => response.writeHead(status).end());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A page with its style in it, and whatever differs from one time to the next replaced by what looks like it. */
function posed(page: string, origin: string): string {
  const times = [...TIMES];
  return page
    .replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${readFileSync(STYLE, 'utf8')}</style>`)
    .replace(/<(?:link|script)[^>]*>(?:<\/script>)?/g, '')
    .replace(/<time .*?<\/time>/g, () => time(`2026-01-26T${times.shift() ?? '12:00:00'}Z`).html)
    .replace(/\b\d+ ms/g, '42 ms')
    .replace(/\b(wh|del)_[0-9a-f]{16}/g, '$1_0123456789abcdef')
    .replace(new RegExp(`${origin}/(\\d)`, 'g'), (_, index) => ENDPOINTS[Number(index)]?.url ?? '');
}

/** The local Attro's page of webhooks, whole: always the same, while the sandbox is. */
export async function sandboxPage(): Promise<string> {
  const [sandbox, { server, origin }] = await Promise.all([
    startSandbox({ speed: 30_000 }),
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
    for (const event of ENDPOINTS.flatMap(({ events }) => events)) await sandbox.emit(event);
    return posed(await (await fetch(sandbox.baseUrl)).text(), origin);
  } finally {
    await sandbox.close();
    server.closeAllConnections();
    server.close();
  }
}
