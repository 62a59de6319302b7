import express from 'express';
import type { Request, Response, Router } from 'express';
import * as zod from 'zod';
import { EVENT_NAMES, MAX_PAGE_SIZE, type EventName } from '../../../attro/contract.ts';
import { html, type Html } from '../../html.ts';
import type { AskApi } from '../api.ts';
import { detailsOf, eventSchema } from '../control.ts';
import type { ErrorDetail } from '../error-answers.ts';
import type { Page } from '../records/lists.ts';
import type { Deliveries } from '../webhooks/deliveries.ts';
import type { Endpoint } from '../webhooks/endpoints.ts';
import { eventText, sampleDelivery } from '../webhooks/event-body.ts';
import { link, sendPage } from './page.ts';
import { cut, field, problems, textOf } from './shown.ts';

const FORGERIES = {
  '': 'Right: made with the endpoint’s secret',
  signature: 'Forged: made with another secret',
  body: 'Forged: made for another body',
};

/** What is typed or chosen in the form. */
const FIELDS = ['event', 'data', 'to', 'copies', 'forge'] as const;
type Values = Record<(typeof FIELDS)[number], string>;

/** Room for a large payload, in which a character may take nine. */
const MAX_FORM = '2mb';

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

/**
 * The page on which any event is sent, with data of one's own.
 *
 * @param now the time of an event that happens now: ISO 8601, never the same twice.
 */
export function sendPages(ask: AskApi, deliveries: Deliveries, now: () => string): Router {
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
    const addressOf = (event: EventName): string =>
      `/send?${new URLSearchParams({ event, to: values.to }).toString()}`;
    const data = (attributes: Html) =>
      html`<textarea ${attributes} spellcheck="false">${`\n${values.data}`}</textarea>`;
    const copies = (attributes: Html) =>
      html`<input type="number" min="1" ${attributes} value="${values.copies}" />`;
    sendPage(request, response, {
      title: 'Send an event',
      status: details ? 422 : 200,
      content: html`${problems(details)}
        <nav id="event" aria-label="Event">
          ${EVENT_NAMES.map((event) => link(addressOf(event), event, event === values.event))}
        </nav>
        <form method="post" action="/send" class="card">
          <h2>${values.event}</h2>
          <input type="hidden" name="event" value="${values.event}" />
          ${field('data', 'Data', 'A JSON object, sent as it stands here in an event of now.', data)}
          ${field('to', 'To', 'One endpoint gets it whatever it chose, also when it is disabled.', select(targets, values.to))}
          ${field('copies', 'Copies', 'The same bytes so many times, from 1 to 1,000.', copies)}
          ${field('forge', 'Signature', 'A receiver should refuse both forgeries.', select(FORGERIES, values.forge))}
          <p class="buttons"><button>Send</button></p>
        </form>`,
    });
  }

  router.get('/send', async (request, response) => {
    const { event, to } = request.query;
    const known = EVENT_NAMES.find((name) => name === event) ?? 'affiliate.created';
    const data = JSON.stringify(sampleDelivery(known).data, null, 2);
    const values = { data, to: typeof to === 'string' ? to : '', copies: '1', forge: '' };
    await sendForm(request, response, { event: known, ...values });
  });

  const form = express.urlencoded({ limit: MAX_FORM });
  router.post('/send', form, async (request, response) => {
    const values = Object.fromEntries(
      // Forms end lines as mail does.
      FIELDS.map((name) => [name, textOf(request, name).replaceAll('\r\n', '\n')]),
    ) as Values;
    const { to, forge, ...given } = values;
    const read = formSchema.safeParse({ ...given, ...(forge !== '' && { forge }) });
    if (!read.success) {
      await sendForm(request, response, values, detailsOf(read.error));
      return;
    }
    const { event, copies } = read.data;
    const shipment = { ...read.data, body: eventText(event, now(), values.data) };
    const sent = to === '' ? deliveries.send(shipment) : deliveries.sendToOne(to, shipment);
    const [first] = sent;
    if (!first) {
      const message = 'No such endpoint is there, or none that chose this event: add one.';
      await sendForm(request, response, values, [{ path: ['to'], message }]);
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
