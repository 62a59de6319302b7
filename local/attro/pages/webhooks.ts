import { randomBytes } from 'node:crypto';
import express from 'express';
import type { Request, Response, Router } from 'express';
import { EVENT_NAMES, SECRET_PREFIX } from '../../../attro/contract.ts';
import { html, type Html } from '../../html.ts';
import type { AskApi } from '../api.ts';
import type { ErrorBody, ErrorDetail } from '../error-answers.ts';
import type { Page } from '../records/lists.ts';
import type { Delivery, Health } from '../webhooks/deliveries.ts';
import type { Endpoint, EndpointFields } from '../webhooks/endpoints.ts';
import { link, sendPage } from './page.ts';
import { cut, facts, field, live, notice, outcome, problems } from './shown.ts';
import { state, table, textOf, time } from './shown.ts';

/** How much of a list is on a page. */
const PAGE_SIZE = '25';

/** Where the API has the endpoint that a page is about; the page is there, too. */
function endpointPath({ params }: Request): string {
  return `/webhooks/${encodeURIComponent(String(params['id']))}`;
}

/** What a page of a list is asked for, as far as its address says something. */
function queryOf({ query }: Request): Record<string, string> {
  const { cursor, status } = query;
  return {
    limit: PAGE_SIZE,
    ...(typeof cursor === 'string' && { cursor }),
    ...(typeof status === 'string' && status !== '' && { status }),
  };
}

/** A link to the next page of a list. */
function pager({ next_cursor: next }: Page<unknown>, request: Request): Html | string {
  if (next === null) return '';
  const query = new URLSearchParams({ ...queryOf(request), cursor: next });
  return html`<p><a href="?${query.toString()}" rel="next">Older</a></p>`;
}

/** The same facts wherever an endpoint is shown; the guide lists them. */
function healthFacts({ deliveries, average_response_ms: average, ...health }: Health): Html {
  const [last] = health.recent_attempts;
  return facts({
    Succeeded: deliveries.succeeded,
    Failed: deliveries.failed,
    Pending: deliveries.pending,
    'Average response': average === null ? '–' : `${average} ms`,
    'Last attempt': last ? time(last.started_at) : '–',
    'Last response': last ? outcome(last) : '–',
  });
}

function actions({ id, status, url }: Endpoint): Html {
  const [next, verb] = status === 'active' ? ['disabled', 'Pause'] : ['active', 'Enable'];
  return html`<div class="buttons" role="group" aria-label="${cut(url)}">
    <a class="button plain" href="/send?to=${id}">Send an event</a>
    <a class="button plain" href="/webhooks/${id}/edit">Edit</a>
    <form method="post" action="/webhooks/${id}/status">
      <button class="plain" id="${next}-${id}" name="status" value="${next}">${verb}</button>
    </form>
    <a class="button danger" href="/webhooks/${id}/remove">Remove</a>
  </div>`;
}

const eventList = (events: readonly string[]): Html =>
  html`<p class="tags">${events.map((event) => html`<code>${event}</code> `)}</p>`;

function card(endpoint: Endpoint, health: Health): Html {
  const { id, url, events, status } = endpoint;
  return html`<section class="card">
    <div class="heading">
      <h2><a href="/webhooks/${id}">${cut(url)}</a></h2>
      ${state(status)}
    </div>
    ${eventList(events)} ${healthFacts(health)} ${actions(endpoint)}
  </section>`;
}

const EMPTY = html`<div class="card">
  <h2>No endpoints yet</h2>
  <p>
    Add the URL of something that listens, or connect Zapier and turn on a Zap: what it subscribes
    is shown here, too. Then <a href="/send">send an event</a> and watch it arrive.
  </p>
</div>`;

const deliveryTable = (endpointId: string, deliveries: Delivery[]): Html =>
  table(
    ['State', 'Event', 'Made', 'Attempts', 'Last answer', 'Next attempt'],
    deliveries.map(({ id, event, status, created_at, attempts, next_attempt_at: next }) => {
      const last = attempts.at(-1);
      return [
        state(status),
        html`<a href="/webhooks/${endpointId}/deliveries/${id}">${event}</a>`,
        time(created_at),
        attempts.length === 1 ? '1 attempt' : `${attempts.length} attempts`,
        last ? html`${outcome(last)} <code>${cut(last.response_body ?? '', 60)}</code>` : '',
        next === null ? '' : html`next ${time(next)}`,
      ];
    }),
    'There are none.',
  );

/** What Attro's Settings → Webhooks has: endpoints with their health and deliveries, and what changes them. */
export function webhookPages(ask: AskApi): Router {
  const router = express.Router();
  const form = express.urlencoded();
  const healthOf = async (path: string) => (await ask('GET', `${path}/health`)).body as Health;
  const endpointOf = async (request: Request) =>
    (await ask('GET', endpointPath(request))).body as Endpoint;

  router.get('/', async (request, response) => {
    const { body } = await ask('GET', '/webhooks', { query: queryOf(request) });
    const page = body as Page<Endpoint>;
    const cards = await Promise.all(
      page.data.map(async (endpoint) => card(endpoint, await healthOf(`/webhooks/${endpoint.id}`))),
    );
    sendPage(request, response, {
      title: 'Webhooks',
      content: html`${notice(request)}
        <p><a class="button" href="/webhooks/new">Add endpoint</a></p>
        ${live(html`${cards.length === 0 ? EMPTY : cards} ${pager(page, request)}`)}`,
    });
  });

  /** The form of a new endpoint or, where the address names one, of that. */
  function sendForm(
    request: Request,
    response: Response,
    { url, events, secret }: EndpointFields,
    details?: ErrorDetail[],
  ): void {
    const isNew = request.params['id'] === undefined;
    const kept = isNew ? '' : ' Leave it empty to keep the one that it has.';
    const text = (value: string) => (attributes: Html) =>
      html`<input ${attributes} value="${value}" autocomplete="off" spellcheck="false" />`;
    const boxes = EVENT_NAMES.map(
      (event) =>
        html`<label>
          <input
            type="checkbox"
            name="events"
            value="${event}"
            ${events.includes(event) ? html`checked` : ''}
          />
          ${event}
        </label>`,
    );
    sendPage(request, response, {
      title: isNew ? 'Add an endpoint' : 'Change the endpoint',
      status: details ? 422 : 200,
      content: html`${problems(details)}
        <form method="post" class="card">
          ${field('url', 'URL', 'Where deliveries are posted to: https://… or http://…', text(url))}
          <fieldset id="events" tabindex="-1">
            <legend>Events</legend>
            <p class="quiet">At least one. Only these are sent to it.</p>
            <div class="choices">${boxes}</div>
          </fieldset>
          ${field('secret', isNew ? 'Secret' : 'New secret', `Deliveries are signed with it. At least 16 characters.${kept}`, text(secret))}
          <p class="buttons">
            <button>${isNew ? 'Add endpoint' : 'Save'}</button>
            <a class="button plain" href="${isNew ? '/' : endpointPath(request)}">Cancel</a>
          </p>
        </form>`,
    });
  }

  router.get('/webhooks/new', (request, response) => {
    const secret = `${SECRET_PREFIX}${randomBytes(24).toString('hex')}`;
    sendForm(request, response, { url: '', events: [], secret });
  });

  router.get('/webhooks/:id/edit', async (request, response) => {
    sendForm(request, response, { ...(await endpointOf(request)), secret: '' });
  });

  router.post(['/webhooks/new', '/webhooks/:id/edit'], form, async (request, response) => {
    const { events = [] } = (request.body ?? {}) as { events?: string | string[] };
    const rest = { url: textOf(request, 'url').trim(), events: [events].flat() };
    const secret = textOf(request, 'secret').trim();
    const isNew = request.params['id'] === undefined;
    const { status, body } = await (isNew
      ? ask('POST', '/webhooks', { body: { ...rest, secret } })
      : ask('PATCH', endpointPath(request), { body: { ...rest, ...(secret && { secret }) } }));
    if (status === 422) {
      sendForm(request, response, { ...rest, secret }, (body as ErrorBody).details);
    } else {
      const { id } = body as Endpoint;
      response.redirect(303, `/webhooks/${id}?done=${isNew ? 'added' : 'changed'}`);
    }
  });

  router.post('/webhooks/:id/status', form, async (request, response) => {
    const status = textOf(request, 'status') === 'active' ? 'active' : 'disabled';
    await ask('PATCH', endpointPath(request), { body: { status } });
    response.redirect(303, `${endpointPath(request)}?done=${status}`);
  });

  router.get('/webhooks/:id/remove', async (request, response) => {
    const { url } = await endpointOf(request);
    sendPage(request, response, {
      title: 'Remove this endpoint?',
      content: html`<form method="post" class="card">
        <p><code>${url}</code></p>
        <p>Nothing is sent to it any more, and what was delivered to it is forgotten.</p>
        <p class="buttons">
          <button class="danger">Remove</button>
          <a class="button plain" href="${endpointPath(request)}">Keep it</a>
        </p>
      </form>`,
    });
  });

  router.post('/webhooks/:id/remove', async (request, response) => {
    await ask('DELETE', endpointPath(request));
    response.redirect(303, '/?done=removed');
  });

  router.get('/webhooks/:id', async (request, response) => {
    const path = endpointPath(request);
    const query = queryOf(request);
    const [endpoint, health, { body }] = await Promise.all([
      endpointOf(request),
      healthOf(path),
      ask('GET', `${path}/deliveries`, { query }),
    ]);
    const page = body as Page<Delivery>;
    const { id, url, events, status, created_at } = endpoint;
    const filters = ['', 'succeeded', 'failed', 'pending'].map((name) =>
      link(`?status=${name}`, name || 'all', name === (query['status'] ?? '')),
    );
    sendPage(request, response, {
      title: cut(url),
      content: html`${notice(request)}
      ${live(
        html`<div class="card">
            <div class="heading">${state(status)} ${eventList(events)}</div>
            ${cut(url) === url ? '' : html`<p><code>${url}</code></p>`}
            <p class="quiet"><code>${id}</code>, added ${time(created_at)}</p>
            ${healthFacts(health)} ${actions(endpoint)}
          </div>
          <h2>Deliveries</h2>
          <nav aria-label="Deliveries by state">${filters}</nav>
          ${deliveryTable(id, page.data)} ${pager(page, request)}`,
      )}`,
    });
  });
  return router;
}
