import type { EventEmitter } from 'node:events';
import type { RequestHandler } from 'express';

/** So often something is sent when there is nothing to tell, so that a lost connection is noticed. */
const HEARTBEAT_MS = 15_000;

/** Server-sent events: `change` whenever what a page shows may have changed. */
export function changeStream(changes: EventEmitter, stopping: AbortSignal): RequestHandler {
  return (_request, response) => {
    const tell = (text: string): void => {
      // What waits to be read already tells of a change.
      if (!response.writableNeedDrain) response.write(text);
    };
    const tellChange = (): void => {
      tell('event: change\ndata: \n\n');
    };
    const heartbeat = setInterval(tell, HEARTBEAT_MS, ':\n\n');
    const end = (): void => {
      clearInterval(heartbeat);
      changes.off('change', tellChange);
      stopping.removeEventListener('abort', end);
      response.end();
    };
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
    });
    tell(':\n\n');
    changes.on('change', tellChange);
    stopping.addEventListener('abort', end);
    response.on('close', end);
    if (stopping.aborted) end();
  };
}
