import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A delivery as it arrived. */
export interface Received {
  method: string | undefined;
  path: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What a receiver does with a delivery: answers with this status, or something of its own. */
export type Reaction = number | ((response: ServerResponse, delivery: Received) => void);

/** Leaves a delivery without an answer. */
export const hang: Reaction = () => undefined;

/** What deliveries are sent to. */
export interface Receiver {
  /** Any path below it will do, too. */
  url: string;
  received: Received[];
  /** What it does with the next deliveries, in turn. */
  reactions: Reaction[];
  /** What it does with those after them; 200 at first. */
  otherwise: Reaction;
  /** The most connections that were open at the same time. */
  mostConnections: number;
  close: () => Promise<void>;
}

/** Starts a receiver on a free port, or on one of these. */
export async function startReceiver(port = 0): Promise<Receiver> {
  let open = 0;
  const server = createServer((request, response) => {
    void text(request).then(
      (body) => {
        const { method, url: path, headers } = request;
        const delivery = { method, path, headers, body };
        receiver.received.push(delivery);
        const reaction = receiver.reactions.shift() ?? receiver.otherwise;
        if (typeof reaction === 'function') reaction(response, delivery);
        else response.writeHead(reaction, { location: '/moved' }).end('{}');
      },
      () => undefined,
    );
  });
  server.on('connection', (socket) => {
    open += 1;
    receiver.mostConnections = Math.max(receiver.mostConnections, open);
    socket.on('close', () => (open -= 1));
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received: [],
    reactions: [],
    otherwise: 200,
    mostConnections: 0,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

/** Longer than any wait takes, and shorter than a test may. */
const PATIENCE_MS = 50_000;

/** Waits until something is so. @throws when it does not come to be so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`Waited in vain for ${String(isSo)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
