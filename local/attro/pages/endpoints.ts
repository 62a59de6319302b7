import express from 'express';
import type { Request, Router } from 'express';
import { html, type Html } from '../../html.ts';
import type { Page } from '../records/lists.ts';
import type { Delivery, Health } from '../webhooks/deliveries.ts';
import type { Endpoint } from '../webhooks/endpoints.ts';
import { endpointPath, type AskApi } from './ask-api.ts';
import type { FormGuard } from './form-guard.ts';
import { link, sendPage } from './page.ts';
import { cut, facts, live, notice, outcome, state, table, time } from './shown.ts';

/** How much of a list is on a page. */
const PAGE_SIZE = '25';

/** The states that a list of deliveries can be limited to. */
const FILTERS = { All: '', Succeeded: 'succeeded', Failed: 'failed', Pending: 'pending' };

/** What a page of a list is asked for, as far as its address says something. */
function queryOf({ query }: Request): Record<string, string> {
  const { cursor, status } = query;
  return {
    limit: PAGE_SIZE,
    ...(typeof cursor === 'string' && { cursor }),
    ...(typeof status === 'string' && status !== '' && { status }),
  };
}

/** Links to the other pages of a list. */
function pager({ next_cursor: next }: Page<unknown>, request: Request): Html | string {
  const { cursor, status } = queryOf(request);
  const to = (changes: Record<string, string>): string =>
    `?${new URLSearchParams({ ...(status && { status }), ...changes }).toString()}`;
  const links = [
    cursor === undefined ? '' : html`<a href="${to({})}">Newest</a> `,
    next === null ? '' : html`<a href="${to({ cursor: next })}" rel="next">Older</a>`,
  ];
  return links.some(Boolean) ? html`<nav class="buttons" aria-label="Pages">${links}</nav>` : '';
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

function actions({ id, status, url }: Endpoint, guard: FormGuard): Html {
  const [next, verb] = status === 'active' ? ['disabled', 'Pause'] : ['active', 'Enable'];
  return html`<div class="buttons" role="group" aria-label="${cut(url)}">
    <a class="button plain" href="/send?to=${id}">Send an event</a>
    <a class="button plain" href="/webhooks/${id}/edit">Edit</a>
    <form method="post" action="/webhooks/${id}/status">
      ${guard.field}
      <button class="plain" id="${next}-${id}" name="status" value="${next}">${verb}</button>
    </form>
    <a class="button danger" href="/webhooks/${id}/remove">Remove</a>
  </div>`;
}

const eventList = (events: readonly string[]): Html =>
  html`<p class="tags">${events.map((event) => html`<code>${event}</code> `)}</p>`;

function card(endpoint: Endpoint, health: Health, guard: FormGuard): Html {
  const { id, url, events, status } = endpoint;
  return html`<section class="card">
    <div class="heading">
      <h2><a href="/webhooks/${id}">${cut(url)}</a></h2>
      ${state(status)}
    </div>
    ${eventList(events)} ${healthFacts(health)} ${actions(endpoint, guard)}
  </section>`;
}

const EMPTY = html`<div class="card">
  <h2>No endpoints yet</h2>
  <p>
    Add the URL of something that listens, or connect Zapier and turn on a Zap: what it subscribes
    is shown here, too. Then <a href="/send">send an event</a> and watch it arrive.
  </p>
</div>`;

const deliveryLink = (endpointId: string, id: string, event: string): Html =>
  html`<a href="/webhooks/${endpointId}/deliveries/${id}">${event}</a>`;

const attemptTable = (id: string, attempts: Health['recent_attempts']): Html =>
  table(
    ['Answer', 'Event', 'Attempt', 'When', 'Took', 'Body'],
    attempts.map((attempt) => [
      outcome(attempt),
      deliveryLink(id, attempt.delivery_id, attempt.event),
      `No. ${attempt.number}`,
      time(attempt.started_at),
      `${attempt.duration_ms} ms`,
      html`<code>${cut(attempt.response_body ?? '', 60)}</code>`,
    ]),
    'None has ended yet.',
  );

const deliveryTable = (id: string, deliveries: Delivery[]): Html =>
  table(
    ['State', 'Event', 'Made', 'Attempts', 'Next attempt'],
    deliveries.map(({ attempts, next_attempt_at: next, ...delivery }) => [
      state(delivery.status),
      deliveryLink(id, delivery.id, delivery.event),
      time(delivery.created_at),
      attempts.length === 1 ? '1 attempt' : `${attempts.length} attempts`,
      next === null ? '' : html`next ${time(next)}`,
    ]),
    'There are none.',
  );

/** The pages on which endpoints are seen: all of them, and each with its health and deliveries. */
export function endpointPages(ask: AskApi, guard: FormGuard): Router {
  const router = express.Router();
  const healthOf = async (path: string) => (await ask('GET', `${path}/health`)).body as Health;

  router.get('/', async (request, response) => {
    const { body } = await ask('GET', '/webhooks', { query: queryOf(request) });
    const page = body as Page<Endpoint>;
    const cards = await Promise.all(
      page.data.map(async (endpoint) =>
        card(endpoint, await healthOf(`/webhooks/${endpoint.id}`), guard),
      ),
    );
    sendPage(request, response, {
      title: 'Webhooks',
      content: html`${notice(request)}
        <p><a class="button" href="/webhooks/new">Add endpoint</a></p>
        ${live(html`${cards.length === 0 ? EMPTY : cards} ${pager(page, request)}`)}`,
    });
  });

  router.get('/webhooks/:id', async (request, response) => {
    const path = endpointPath(request);
    const query = queryOf(request);
    const [{ body: endpoint }, health, { body }] = await Promise.all([
      ask('GET', path),
      healthOf(path),
      ask('GET', `${path}/deliveries`, { query }),
    ]);
    const page = body as Page<Delivery>;
    const { id, url, events, status, created_at } = endpoint as Endpoint;
    const filters = Object.entries(FILTERS).map(([text, name]) =>
      link(`?status=${name}`, text, name === (query['status'] ?? '')),
    );
    sendPage(request, response, {
      title: cut(url),
      content: html`${notice(request)}
      ${live(
        html`<div class="card">
            <div class="heading">${state(status)} ${eventList(events)}</div>
            ${cut(url) === url ? '' : html`<p><code>${url}</code></p>`}
            <p class="quiet"><code>${id}</code>, added ${time(created_at)}</p>
            ${healthFacts(health)} ${actions(endpoint as Endpoint, guard)}
          </div>
          <h2>Recent attempts</h2>
          ${attemptTable(id, health.recent_attempts)}
          <h2>Deliveries</h2>
          <nav aria-label="Deliveries by state">${filters}</nav>
          ${deliveryTable(id, page.data)} ${pager(page, request)}`,
      )}`,
    });
  });
  return router;
}
