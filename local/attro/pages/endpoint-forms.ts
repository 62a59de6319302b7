import { randomBytes } from 'node:crypto';
import express from 'express';
import type { Request, Response, Router } from 'express';
import { EVENT_NAMES, SECRET_PREFIX } from '../../../attro/contract.ts';
import { html, type Html } from '../../html.ts';
import type { ErrorBody, ErrorDetail } from '../error-answers.ts';
import type { Endpoint, EndpointFields } from '../webhooks/endpoints.ts';
import { endpointPath, type AskApi } from './ask-api.ts';
import { createFieldDrawer } from './fields.ts';
import { fieldsOf, textOf, textsOf, type FormGuard } from './form-guard.ts';
import { sendPage } from './page.ts';

const TEXTS = {
  url: { label: 'URL', hint: 'Where deliveries are posted to: https://… or http://…' },
  events: { label: 'Events', hint: 'At least one. Only these are sent to it.' },
  secret: { label: 'Secret', hint: 'Deliveries are signed with it. At least 16 characters.' },
};

const KEPT_SECRET = 'Leave it empty to keep the secret that it has.';

/** The forms that add, change, pause, enable and remove an endpoint. */
export function endpointForms(ask: AskApi, guard: FormGuard): Router {
  const router = express.Router();
  const endpointOf = async (request: Request) =>
    (await ask('GET', endpointPath(request))).body as Endpoint;

  /** The form of a new endpoint or, where the address names one, of that. */
  function sendForm(
    request: Request,
    response: Response,
    { url, events, secret }: EndpointFields,
    details?: ErrorDetail[],
  ): void {
    const isNew = request.params['id'] === undefined;
    const { field, choices, summary } = createFieldDrawer(
      isNew ? TEXTS : { ...TEXTS, secret: { label: 'New secret', hint: KEPT_SECRET } },
      details,
    );
    const text = (value: string) => (attributes: Html) =>
      html`<input
        type="text"
        ${attributes}
        value="${value}"
        autocomplete="off"
        spellcheck="false"
      />`;
    sendPage(request, response, {
      title: isNew ? 'Add an endpoint' : 'Change the endpoint',
      status: details ? 422 : 200,
      content: html`${summary}
        <form method="post" class="card">
          ${guard.field} ${field('url', text(url))} ${choices('events', EVENT_NAMES, events)}
          ${field('secret', text(secret))}
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
    const endpoint = await endpointOf(request);
    sendForm(request, response, { ...endpoint, secret: '' });
  });

  router.post(['/webhooks/new', '/webhooks/:id/edit'], guard.check, async (request, response) => {
    const fields = fieldsOf(request);
    const rest = { url: textOf(fields, 'url').trim(), events: textsOf(fields, 'events') };
    const secret = textOf(fields, 'secret').trim();
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

  router.post('/webhooks/:id/status', guard.check, async (request, response) => {
    const status = textOf(fieldsOf(request), 'status') === 'active' ? 'active' : 'disabled';
    await ask('PATCH', endpointPath(request), { body: { status } });
    response.redirect(303, `${endpointPath(request)}?done=${status}`);
  });

  router.get('/webhooks/:id/remove', async (request, response) => {
    const { url } = await endpointOf(request);
    sendPage(request, response, {
      title: 'Remove this endpoint?',
      content: html`<form method="post" class="card">
        ${guard.field}
        <p><code>${url}</code></p>
        <p>Nothing is sent to it any more, and what was delivered to it is forgotten.</p>
        <p class="buttons">
          <button class="danger">Remove</button>
          <a class="button plain" href="${endpointPath(request)}">Keep it</a>
        </p>
      </form>`,
    });
  });
  router.post('/webhooks/:id/remove', guard.check, async (request, response) => {
    await ask('DELETE', endpointPath(request));
    response.redirect(303, '/?done=removed');
  });
  return router;
}
