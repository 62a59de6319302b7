import express from 'express';
import type { Request, Response, Router } from 'express';
import * as zod from 'zod';
import { EVENT_NAMES, MAX_PAGE_SIZE, type EventName } from '../../../attro/contract.ts';
import { html, type Html } from '../../html.ts';
import { detailsOf, eventSchema } from '../control/routes.ts';
import type { ErrorDetail } from '../error-answers.ts';
import type { Page } from '../records/lists.ts';
import type { Deliveries } from '../webhooks/deliveries.ts';
import type { Endpoint } from '../webhooks/endpoints.ts';
import { eventText, sampleDelivery } from '../webhooks/event-body.ts';
import type { AskApi } from './ask-api.ts';
import { createFieldDrawer } from './fields.ts';
import { fieldsOf, textOf, type FormGuard } from './form-guard.ts';
import { link, sendPage } from './page.ts';
import { cut } from './shown.ts';

const TEXTS = {
  event: { label: 'Event', hint: 'Each comes with a sample of its own.' },
  data: {
    label: 'Data',
    hint: 'A JSON object. It is sent as it stands here; event and time are put around it.',
  },
  to: {
    label: 'To',
    hint: 'One endpoint receives it whatever it chose, also when it is disabled.',
  },
  copies: { label: 'Copies', hint: 'The same bytes so many times, from 1 to 1,000.' },
  forge: { label: 'Signature', hint: 'A receiver should refuse both forgeries.' },
};

const FORGERIES = {
  '': 'Right: made with the endpoint’s secret',
  signature: 'Forged: made with another secret',
  body: 'Forged: made for another body',
};

/** What is typed or chosen in the form. */
type Values = Record<keyof typeof TEXTS, string>;

/** The form's own rules are those of `/sandbox/events`. */
const formSchema = eventSchema.extend({
  data: zod
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch (error) {
        context.addIssue((error as Error).message);
        return zod.NEVER;
      }
    })
    .pipe(zod.record(zod.string(), zod.unknown(), { error: 'It must be a JSON object: { … }' })),
  copies: zod.coerce.number().pipe(eventSchema.shape.copies.unwrap()),
});

const select =
  (texts: Readonly<Record<string, string>>, chosen: string) =>
  (attributes: Html): Html => {
    const options = Object.entries(texts).map(
      ([value, text]) =>
        html`<option value="${value}" ${value === chosen ? html`selected` : ''}>${text}</option>`,
    );
    return html`<select ${attributes}>
      ${options}
    </select>`;
  };

/** The page on which any event is sent, with data of one's own. */
export function sendPages(
  ask: AskApi,
  guard: FormGuard,
  { deliveries, now }: { deliveries: Deliveries; now: () => string },
): Router {
  const router = express.Router();

  async function sendForm(
    request: Request,
    response: Response,
    values: Values,
    details?: ErrorDetail[],
  ): Promise<void> {
    const query = { limit: String(MAX_PAGE_SIZE) };
    const { data: endpoints } = (await ask('GET', '/webhooks', { query })).body as Page<Endpoint>;
    const targets = {
      '': 'Every active endpoint that chose the event',
      ...Object.fromEntries(
        endpoints.map(({ id, url, status }) => [id, `${id} (${status}): ${cut(url, 60)}`]),
      ),
    };
    const { summary, notes, field } = createFieldDrawer(TEXTS, details);
    const addressOf = (event: EventName): string =>
      `/send?${new URLSearchParams({ event, to: values.to }).toString()}`;
    sendPage(request, response, {
      title: 'Send an event',
      status: details ? 422 : 200,
      content: html`${summary}
        <h2 class="label">${TEXTS.event.label}</h2>
        ${notes('event')}
        <nav id="event" aria-label="Event" aria-describedby="event-hint">
          ${EVENT_NAMES.map((event) => link(addressOf(event), event, event === values.event))}
        </nav>
        <form method="post" action="/send" class="card">
          <h2>${values.event}</h2>
          ${guard.field}
          <input type="hidden" name="event" value="${values.event}" />
          ${field(
            'data',
            (attributes) =>
              html`<textarea ${attributes} spellcheck="false">${`\n${values.data}`}</textarea>`,
          )}
          ${field('to', select(targets, values.to))}
          ${field(
            'copies',
            (attributes) =>
              html`<input type="number" min="1" ${attributes} value="${values.copies}" />`,
          )}
          ${field('forge', select(FORGERIES, values.forge))}
          <p class="buttons"><button>Send</button></p>
        </form>`,
    });
  }

  router.get('/send', async (request, response) => {
    const { event = EVENT_NAMES[0], to } = request.query;
    const known = EVENT_NAMES.find((name) => name === event);
    const values = {
      event: typeof event === 'string' ? event : '',
      data: known ? JSON.stringify(sampleDelivery(known).data, null, 2) : '{}',
      to: typeof to === 'string' ? to : '',
      copies: '1',
      forge: '',
    };
    const unknown = [{ path: ['event'], message: 'There is no such event. Choose one.' }];
    await sendForm(request, response, values, known ? undefined : unknown);
  });

  router.post('/send', guard.check, async (request, response) => {
    const fields = fieldsOf(request);
    const values = Object.fromEntries(
      // Forms end lines as mail does.
      Object.keys(TEXTS).map((name) => [name, textOf(fields, name).replaceAll('\r\n', '\n')]),
    ) as Values;
    const { to, forge, ...given } = values;
    const read = formSchema.safeParse({ ...given, ...(forge !== '' && { forge }) });
    if (!read.success) {
      await sendForm(request, response, values, detailsOf(read.error));
      return;
    }
    const { event, copies } = read.data;
    const shipment = { ...read.data, body: eventText(event, now(), values.data) };
    const one = to === '' ? undefined : deliveries.sendToOne(to, shipment);
    const sent = one
      ? [{ id: one.id, webhook_id: to }]
      : to === ''
        ? deliveries.send(shipment)
        : [];
    const [first] = sent;
    if (!first) {
      const why = to === '' ? 'No active endpoint chose this event.' : 'This endpoint is gone.';
      await sendForm(request, response, values, [
        { path: ['to'], message: `${why} Choose an endpoint, or add one.` },
      ]);
      return;
    }
    // To where the attempts are seen: of one delivery, one endpoint or all.
    const isToOne = sent.every(({ webhook_id }) => webhook_id === first.webhook_id);
    const endpoint = isToOne ? `/webhooks/${first.webhook_id}` : '/';
    const address = isToOne && copies === 1 ? `${endpoint}/deliveries/${first.id}` : endpoint;
    response.redirect(303, `${address}?done=sent`);
  });
  return router;
}
