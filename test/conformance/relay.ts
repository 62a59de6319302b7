import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Deviation } from './deviating.ts';

/** A delivery on its way to a hook. */
export interface Carried {
  headers: Record<string, string>;
  body: string;
  /** How often this very delivery was carried before. */
  before: number;
  /** Changes the body, and signs it as Attro would. */
  change: (change: (delivery: Delivery) => unknown) => void;
}

interface Delivery {
  event: string;
  timestamp: string;
  data: Record<string, unknown>;
}

/** What comes between Attro and a hook, for servers that deliver otherwise than Attro does. */
export interface RelayParts {
  /** Changes a delivery before the hook gets it. */
  carries?: (carried: Carried) => void;
  /** The status that Attro gets for the hook's own. */
  answers?: (status: number) => number;
  /** Whether a redirect of the hook is followed, and Attro never hears of it. */
  follows?: boolean;
}

export interface Relay {
  /** Has every endpoint's deliveries come through the relay, and nobody see it. */
  deviation: Deviation;
  close: () => Promise<void>;
}

export async function startRelay({ carries, answers, follows }: RelayParts): Promise<Relay> {
  const counts = new Map<string, number>();
  const secrets = new Map<string, string>();
  const server = createServer((request, response) => {
    const carry = async (): Promise<void> => {
      const to = new URL(request.url ?? '/', 'http://localhost').searchParams.get('to') ?? '';
      const original = await text(request);
      const before = counts.get(`${to} ${original}`) ?? 0;
      counts.set(`${to} ${original}`, before + 1);
      const names = ['content-type', 'x-attro-signature'];
      const headers = Object.fromEntries(
        names.map((name) => [name, String(request.headers[name])]),
      );
      const carried: Carried = {
        headers,
        body: original,
        before,
        change: (change) => {
          carried.body = JSON.stringify(change(JSON.parse(original) as Delivery));
          const hmac = createHmac('sha256', secrets.get(to) ?? '').update(carried.body);
          headers['x-attro-signature'] = `sha256=${hmac.digest('hex')}`;
        },
      };
      carries?.(carried);
      const answer = await fetch(to, {
        method: 'POST',
        redirect: follows ? 'follow' : 'manual',
        headers: carried.headers,
        body: carried.body,
      });
      response.writeHead(answers?.(answer.status) ?? answer.status).end(await answer.text());
    };
    carry().catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}/?to=`;
  return {
    deviation: {
      asks: (asked) => {
        const { method, path } = asked;
        if (method !== 'POST' || path !== '/api/v1/webhooks') return;
        const body = JSON.parse(asked.body) as { url: string; secret: string };
        if (!body.url.startsWith('http://')) return;
        secrets.set(body.url, body.secret);
        asked.body = JSON.stringify({ ...body, url: `${own}${encodeURIComponent(body.url)}` });
      },
      gives: (given) => {
        const relayed = new RegExp(`${own.replace('?', '\\?')}([^"]+)`, 'g');
        given.text = given.text.replace(relayed, (_all, to: string) => decodeURIComponent(to));
      },
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
