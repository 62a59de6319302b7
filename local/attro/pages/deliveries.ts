import express from 'express';
import type { Router } from 'express';
import { html, type Html } from '../../html.ts';
import type { AskApi } from '../api.ts';
import { headersFor, MAX_SHOWN_BODY, type Attempt } from '../webhooks/attempt.ts';
import type { Deliveries } from '../webhooks/deliveries.ts';
import type { Endpoint } from '../webhooks/endpoints.ts';
import { sendPage } from './page.ts';
import { cut, facts, live, notice, outcome, state, time } from './shown.ts';

/** A text as it is. The first line break of a `pre` is not shown, so there is always one. */
const verbatim = (text: string): Html => html`<pre>${`\n${text}`}</pre>`;

function attempt(made: Attempt): Html {
  const { number, started_at, duration_ms, response_body: answer } = made;
  const isCut = answer?.length === MAX_SHOWN_BODY;
  return html`<section class="card">
    <div class="heading">
      <h3>Attempt ${number}</h3>
      ${outcome(made)}
    </div>
    ${facts({ Sent: time(started_at), Took: `${duration_ms} ms` })}
    ${answer ? verbatim(answer) : html`<p class="quiet">No body came back.</p>`}
    ${isCut ? html`<p class="quiet">Only the first ${MAX_SHOWN_BODY} characters are kept.</p>` : ''}
  </section>`;
}

/** The page of each delivery: what is sent, and what came back. */
export function deliveryPages(ask: AskApi, deliveries: Deliveries): Router {
  const router = express.Router();
  const path = '/webhooks/:id/deliveries/:delivery';

  router.get(path, async (request, response, next) => {
    const { id: endpointId, delivery: id } = request.params;
    const delivery = deliveries.find(endpointId, id);
    const content = deliveries.contentOf(id);
    if (!delivery || !content) {
      next();
      return;
    }
    const { url } = (await ask('GET', `/webhooks/${endpointId}`)).body as Endpoint;
    const { event, status, created_at, next_attempt_at: upcoming, attempts } = delivery;
    const headers = Object.entries(headersFor(content.signature));
    sendPage(request, response, {
      title: event,
      content: html`${notice(request)}
        ${live(
          html`<div class="card">
              <div class="heading">${state(status)} <code>${id}</code></div>
              ${facts({
                Endpoint: html`<a href="/webhooks/${endpointId}">${cut(url)}</a>`,
                Made: time(created_at),
                'Next attempt': upcoming === null ? 'None' : time(upcoming),
              })}
              <form class="buttons" method="post">
                <button id="resend">${status === 'pending' ? 'Send now' : 'Send again'}</button>
              </form>
            </div>
            <h2>Attempts</h2>
            ${
              attempts.length === 0
                ? html`<p class="quiet">None has ended yet.</p>`
                : attempts.map(attempt)
            }`,
        )}
        <h2>Request</h2>
        <p>Every attempt sends the same bytes.</p>
        <h3>Headers</h3>
        ${verbatim(headers.map(([name, value]) => `${name}: ${value}`).join('\n'))}
        <h3>Body</h3>
        ${verbatim(content.body)}`,
    });
  });

  router.post(path, async (request, response) => {
    await ask('POST', `${request.path}/retry`);
    response.redirect(303, `${request.path}?done=sent`);
  });
  return router;
}
