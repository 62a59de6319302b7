import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request on its way to the local Attro. */
export interface Asked {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: string;
}

/** An answer of the local Attro on its way back. */
export interface Answered {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** In what a server differs from the local Attro that it stands before. */
export interface Deviation {
  asks?: (asked: Asked) => void;
  answers?: (answered: Answered, asked: Asked) => void;
}

/** Starts a server that passes everything on to a local Attro and back, but for what deviates. */
export async function startDeviating(
  attro: string,
  { asks, answers }: Deviation,
): Promise<{ baseUrl: string; close: () => void }> {
  const passOn = async ({ method, path, query, headers, body }: Asked): Promise<Answered> => {
    const answer = await fetch(`${attro}${path}?${query.toString()}`, {
      ...{ method, headers, redirect: 'manual' },
      ...(body !== '' && { body }),
    });
    const type = answer.headers.get('content-type');
    return {
      status: answer.status,
      headers: type === null ? {} : { 'content-type': type },
      body: await answer.text(),
    };
  };
  const server = createServer((request, response) => {
    const serve = async (): Promise<void> => {
      const { pathname: path, searchParams: query } = new URL(request.url ?? '/', attro);
      const kept = ['authorization', 'content-type', 'idempotency-key'];
      const headers = Object.entries(request.headers).filter(([name]) => kept.includes(name));
      const asked: Asked = {
        ...{ method: request.method ?? '', path, query },
        headers: Object.fromEntries(headers) as Record<string, string>,
        body: await text(request),
      };
      asks?.(asked);
      const answered = await passOn(asked);
      answers?.(answered, asked);
      response.writeHead(answered.status, answered.headers).end(answered.body);
    };
    serve().catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
