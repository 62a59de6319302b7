import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request as a deviating server gets it. */
export interface Asked {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
}

/** An answer of Attro's on its way to whoever asked. */
export interface Given {
  status: number;
  headers: Record<string, string>;
  text: string;
}

/** In what a server differs from the local Attro that it stands before. */
export interface Deviation {
  /** Changes a request before Attro gets it. */
  asks?: (asked: Asked) => void;
  /** Answers in Attro's place: false where Attro is to answer. */
  answers?: (asked: Asked, response: ServerResponse) => boolean;
  /** Changes Attro's answer. */
  gives?: (given: Given, asked: Asked) => void;
}

/** A server that is Attro but for one thing. */
export interface DeviatingServer {
  baseUrl: string;
  close: () => Promise<void>;
}

/** Puts a server before an Attro that passes everything on, but for what deviates. */
export async function startDeviating(
  attro: string,
  { asks, answers, gives }: Deviation,
): Promise<DeviatingServer> {
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const asked: Asked = {
        method: request.method ?? 'GET',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body: await text(request),
      };
      asks?.(asked);
      if (answers?.(asked, response)) return;
      const given = await passOn(attro, asked);
      gives?.(given, asked);
      response.writeHead(given.status, given.headers).end(given.text);
    };
    answer().catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function passOn(
  attro: string,
  { method, path, query, headers, body }: Asked,
): Promise<Given> {
  const kept = ['authorization', 'content-type', 'idempotency-key', 'accept'] as const;
  const response = await fetch(`${attro}${path}?${query.toString()}`, {
    method,
    redirect: 'manual',
    headers: Object.fromEntries(
      kept.flatMap((name) => (headers[name] ? [[name, headers[name]]] : [])),
    ),
    ...(body !== '' && { body }),
  });
  const passed = ['content-type', 'www-authenticate'];
  return {
    status: response.status,
    headers: Object.fromEntries([...response.headers].filter(([name]) => passed.includes(name))),
    text: await response.text(),
  };
}

/** Whether a request asks for one of the lists of records. */
export function isList({ method, path }: Pick<Asked, 'method' | 'path'>): boolean {
  return method === 'GET' && /^\/api\/v1\/(affiliates|conversions|payouts|offers)$/.test(path);
}

/** Changes the JSON of an answer, where it has any. */
export function changeJson(given: Given, change: (json: unknown) => unknown): void {
  if (given.text !== '') given.text = JSON.stringify(change(JSON.parse(given.text)));
}

/** Changes every object in a JSON value, the innermost first. */
export function everyObject(
  json: unknown,
  change: (object: Record<string, unknown>) => Record<string, unknown>,
): unknown {
  if (Array.isArray(json)) return json.map((each: unknown) => everyObject(each, change));
  if (typeof json !== 'object' || json === null) return json;
  const entries = Object.entries(json).map(([key, value]: [string, unknown]) => [
    key,
    everyObject(value, change),
  ]);
  return change(Object.fromEntries(entries) as Record<string, unknown>);
}

/** Changes the fields of some names, wherever they are, unless they are null. */
export function everyField(
  json: unknown,
  names: readonly string[],
  change: (value: unknown) => unknown,
): unknown {
  return everyObject(json, (object) =>
    Object.fromEntries(
      Object.entries(object).map(([key, value]) => [
        key,
        names.includes(key) && value !== null ? change(value) : value,
      ]),
    ),
  );
}
