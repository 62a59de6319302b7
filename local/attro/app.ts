import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import express from 'express';
import type { ErrorRequestHandler, Express, Request, Response, Router } from 'express';

import { API_ROOT } from './api.ts';
import type { Api } from './api.ts';
import { controlRoutes } from './control.ts';
import type { ControlParts } from './control.ts';
import { refusal, sendAnswer } from './error-answers.ts';
import { carryOutFault } from './faults.ts';
import { LOOPBACK } from './loopback.ts';
import { TOKEN_PATH } from './oauth/server.ts';
import type { Oauth } from './oauth/server.ts';
import { sendRefusal } from './pages/page.ts';

export interface AppParts extends ControlParts {
  baseUrl: string;
  api: Api;
  oauth: Oauth;
  /** The pages for people, except for those of OAuth2. */
  pages: Router[];
  /** Ends waiting answers. */
  stopping: AbortSignal;
}

/** The path of a request's target, without its query. */
function pathOf(target: string): string {
  return target.replace(/\?.*$/s, '');
}

/** Whether a request was sent to this machine by name, and not by a name that somebody leads here. */
function isToLoopback({ headers: { host = '' } }: Request): boolean {
  return LOOPBACK.has(host.replace(/:\d*$/, '').toLowerCase());
}

/** A body that is no JSON, or a path that is no text, is the client's fault; anything else the sandbox's. */
const answerFailure: ErrorRequestHandler = (
  error: Error & { status?: number },
  request,
  response,
  next,
) => {
  if (response.headersSent) {
    next(error);
    return;
  }
  sendRefusal(request, response, error.status ?? (error instanceof URIError ? 400 : 500));
};

/** Puts the sandbox's parts behind one Express application. */
export function createApp({ baseUrl, api, oauth, pages, stopping, ...control }: AppParts): Express {
  const { log, faults } = control;
  const app = express().disable('x-powered-by').disable('etag');
  const relay = { baseUrl, header: 'x-sandbox-relay', secret: randomBytes(16).toString('hex') };

  app.use((request, response, next) => {
    if (isToLoopback(request)) next();
    else sendAnswer(response, refusal(403, 'The sandbox answers to loopback addresses only'));
  });

  // A browser says from which site a form or a script sends something; programs say nothing of it.
  app.use((request, response, next) => {
    const { origin, host } = request.headers;
    if (origin === undefined || origin === `http://${host}`) next();
    else sendRefusal(request, response, 403);
  });

  app.use('/sandbox', controlRoutes(control));

  app.use(async (request, response, next) => {
    const { method, path, originalUrl, query } = request;
    const isRelayed = request.headers[relay.header] === relay.secret;
    const fault = isRelayed ? undefined : faults.take(method, path);
    // What is relayed comes here again, and is noted then.
    const isNoted = [API_ROOT, TOKEN_PATH].some((root) => path.startsWith(root));
    if (isNoted && !(fault && ('twice' in fault || 'truncate' in fault))) {
      log.add(request, response, { method, path: pathOf(originalUrl), query });
    }
    if (fault && (await carryOutFault(fault, request, response, relay, stopping))) return;
    next();
  });

  app.use('/assets', express.static(fileURLToPath(new URL('pages/assets', import.meta.url))));
  app.use(oauth.router);

  app.use(API_ROOT, express.json(), async (request: Request, response: Response) => {
    log.addBody(request, request.body);
    const { method, originalUrl, headers, query } = request;
    const answer = await api({
      method,
      path: pathOf(originalUrl),
      headers: headers as Record<string, string | string[]>,
      query: query as Record<string, string | string[]>,
      body: request.body as unknown,
    });
    sendAnswer(response, answer);
  });

  app.use(...pages);

  app.use((request, response) => {
    sendRefusal(request, response, 404);
  });
  app.use(answerFailure);
  return app;
}
