import express from 'express';
import type { ErrorRequestHandler, Express, Request, Response } from 'express';

import { API_ROOT } from './api.ts';
import type { Api } from './api.ts';
import { refusal } from './error-answers.ts';
import type { Answer } from './error-answers.ts';
import { TOKEN_PATH } from './oauth.ts';
import type { Oauth } from './oauth.ts';
import { assets } from './pages/assets.ts';
import { answerAsPlanned } from './planned-answers.ts';
import type { PlannedAnswers } from './planned-answers.ts';
import type { RequestLog } from './request-log.ts';

export interface AppParts {
  api: Api;
  oauth: Oauth;
  log: RequestLog;
  planned: PlannedAnswers;
  /** Ends waiting answers. */
  stopping: AbortSignal;
}

/** The path of a request's target, without its query. */
function pathOf(target: string): string {
  return target.replace(/\?.*$/s, '');
}

/** Sends an answer of the API. */
function send(response: Response, { status, body, headers = {} }: Answer): void {
  response.status(status).set(headers);
  if (body) response.json(body);
  else response.end();
}

/** A body that is no JSON is the client's fault; anything else is the sandbox's. */
const answerFailure: ErrorRequestHandler = (
  error: { status?: number },
  _request,
  response,
  next,
) => {
  if (response.headersSent) {
    next(error);
    return;
  }
  const status = error.status ?? 500;
  send(response, refusal(status, status < 500 ? 'Malformed request' : 'Internal error'));
};

/** Puts the sandbox's parts behind one Express application. */
export function createApp({ api, oauth, log, planned, stopping }: AppParts): Express {
  const app = express().disable('x-powered-by').disable('etag');

  app.use(['/api', TOKEN_PATH], (request, response, next) => {
    const { method, originalUrl, query } = request;
    log.add(request, response, { method, path: pathOf(originalUrl), query });
    next();
  });

  app.use(async (request, response, next) => {
    const rule = planned.take(request.method, request.path);
    if (rule && (await answerAsPlanned(rule, response, stopping))) return;
    next();
  });

  app.use('/assets', assets);
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
    send(response, answer);
  });

  app.use((_request, response) => {
    send(response, refusal(404, 'Not found'));
  });
  app.use(answerFailure);
  return app;
}
