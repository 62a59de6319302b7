import type { Request } from 'express';
import { html, type Html } from '../../html.ts';
import type { ErrorDetail } from '../error-answers.ts';
import type { Attempt } from '../webhooks/attempt.ts';
import type { Delivery } from '../webhooks/deliveries.ts';
import type { Endpoint } from '../webhooks/endpoints.ts';

type Shown = Html | string | number;

/** A moment; every page says that it is in UTC, as payloads and the terminal have it. */
export function time(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)}</time>`;
}

/** The beginning of a text that may be of any length. */
export function cut(text: string, most = 100): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

type Mood = 'good' | 'bad' | 'wait';

const badge = (mood: Mood, text: string | number): Html =>
  html`<span class="badge ${mood}">${text}</span>`;

const MOODS: Readonly<Record<Endpoint['status'] | Delivery['status'], Mood>> = {
  active: 'good',
  disabled: 'bad',
  pending: 'wait',
  succeeded: 'good',
  failed: 'bad',
};

/** How an endpoint or a delivery is, in the API's word. */
export const state = (status: keyof typeof MOODS): Html => badge(MOODS[status], status);

/** What an attempt came to: the code of the answer, or why there was none. */
export function outcome({ response_status: status, error }: Attempt): Html {
  return status === null
    ? badge('bad', error?.replaceAll('_', ' ') ?? 'no answer')
    : badge(status >= 200 && status < 300 ? 'good' : 'bad', status);
}

/** Names and values, as a list. */
export function facts(entries: Readonly<Record<string, Shown>>): Html {
  const shown = Object.entries(entries).map(
    ([name, value]) =>
      html`<div>
        <dt>${name}</dt>
        <dd>${value}</dd>
      </div> `,
  );
  return html`<dl class="facts">${shown}</dl>`;
}

/** @param empty what is said where there is no row. */
export function table(
  columns: readonly string[],
  rows: readonly (readonly Shown[])[],
  empty: string,
): Html {
  if (rows.length === 0) return html`<p class="quiet">${empty}</p>`;
  const row = (cells: readonly Shown[]) =>
    html`<tr>
      ${cells.map((cell) => html`<td>${cell}</td>`)}
    </tr>`;
  return html`<table>
    <thead>
      <tr>
        ${columns.map((column) => html`<th scope="col">${column}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(row)}
    </tbody>
  </table>`;
}

/** What is brought up to date while it is looked at. */
export function live(content: Html): Html {
  return html`<div id="live">${content}</div>`;
}

/** What was done, told on the page that one is led to afterwards. */
const DONE = new Map<unknown, string>([
  ['added', 'The endpoint was added. It receives what happens from now on.'],
  ['changed', 'The endpoint was changed.'],
  ['disabled', 'The endpoint is paused: nothing is sent to it until it is enabled.'],
  ['active', 'The endpoint is enabled. What failed before is not sent again by itself.'],
  ['removed', 'The endpoint was removed, with its deliveries.'],
  ['sent', 'It is on its way. Attempts are shown here as they are made.'],
]);

/** What the address says was done; nothing where it says nothing that is known. */
export function notice({ query }: Request): Html | string {
  const text = DONE.get(query['done']);
  return text === undefined ? '' : html`<p class="note good" role="status">${text}</p>`;
}

/** The text of a form's field; empty where there is none. */
export function textOf({ body }: Request, name: string): string {
  const value = (body as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value : '';
}

/**
 * All that is wrong with a form, as links to its fields; it has the focus when the page is opened.
 *
 * @param details as the API tells it: the first part of a path names the field.
 */
export function problems(details: readonly ErrorDetail[] = []): Html | string {
  if (details.length === 0) return '';
  const items = details.map(
    ({ path: [name = ''], message }) => html`<li><a href="#${name}">${name}</a>: ${message}</li>`,
  );
  return html`<div class="note bad" role="alert" tabindex="-1" autofocus>
    <h2>This has to be corrected</h2>
    <ul>
      ${items}
    </ul>
  </div>`;
}

/** @param control is given the attributes that tie it to its label and hint. */
export function field(
  name: string,
  label: string,
  hint: string,
  control: (attributes: Html) => Html,
): Html {
  return html`<div class="field">
    <label for="${name}">${label}</label>
    <p class="quiet" id="${name}-hint">${hint}</p>
    ${control(html`id="${name}" name="${name}" aria-describedby="${name}-hint"`)}
  </div>`;
}
