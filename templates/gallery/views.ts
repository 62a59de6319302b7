import { html, type Html } from '../../local/html.ts';
import type { View } from '../other-apps.ts';
import { otherFields, partOf, type Shown } from './shown.ts';

const VIEWS: Readonly<Record<View, (shown: Shown) => Html>> = {
  message: messageView,
  row: rowView,
  mail: mailView,
  contact: recordView,
  task: recordView,
  record: recordView,
};

/** What the other app shows after a run; the pictures of the gallery are taken of it. */
export function preview(shown: Shown): Html {
  const { view } = shown.last;
  return html`<div class="frame">
    <div class="window ${view}">${VIEWS[view](shown)}</div>
  </div>`;
}

/** A message in a chat's channel. */
function messageView({ last, time }: Shown): Html {
  return html`<p class="bar">${partOf(last, 'place')}</p>
    <div class="post">
      ${avatar('Z')}
      <div>
        <p><strong>Zapier</strong> <span class="badge">APP</span> ${quiet(time)}</p>
        ${textLines(partOf(last, 'body'))}
      </div>
    </div>`;
}

/** A mail as its reader sees it. */
function mailView({ last, time }: Shown): Html {
  return html`<p class="bar">${partOf(last, 'title')} <span class="badge">Inbox</span></p>
    <div class="post">
      ${avatar('Y')}
      <div>
        <p><strong>Your Gmail account</strong> ${quiet(`to ${partOf(last, 'to')}, ${time}`)}</p>
        ${textLines(partOf(last, 'body'))}
      </div>
    </div>`;
}

/** A sheet with its header row and the row that was added. */
function rowView({ last }: Shown): Html {
  const cells = otherFields(last).map(({ label, value }) => ({ label, value }));
  const letter = (index: number): string => String.fromCharCode('A'.charCodeAt(0) + index);
  const isNumber = (value: string): boolean => value !== '' && Number.isFinite(Number(value));
  return html`<p class="bar">${partOf(last, 'place')} ${quiet(partOf(last, 'tab'))}</p>
    <div class="sheet" role="group" tabindex="0" aria-label="Sheet, scrolls sideways">
      <table>
        <thead>
          <tr>
            <td></td>
            ${cells.map((_cell, index) => html`<th scope="col">${letter(index)}</th>`)}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">1</th>
            ${cells.map(({ label }) => html`<td><strong>${label}</strong></td>`)}
          </tr>
          <tr>
            <th scope="row">2</th>
            ${cells.map(({ value }) => html`<td class="${isNumber(value) ? 'number' : 'text'}">${value}</td>`)}
          </tr>
        </tbody>
      </table>
    </div>`;
}

/** A contact, a task, or a record of Attro's: what it is called, and its other fields. */
function recordView({ last }: Shown): Html {
  const subtitle = partOf(last, 'subtitle');
  const title = partOf(last, 'title') || subtitle || last.event;
  return html`<div class="post">
      ${avatar(initials(last.view === 'contact' ? title : last.app))}
      <div>
        <p class="name">${title}</p>
        <p>${quiet(subtitle || last.app)}</p>
      </div>
    </div>
    <dl>
      ${otherFields(last).map(
        ({ label, ownName, value }) =>
          html`<div>
            <dt>${ownName ?? label}</dt>
            <dd>${textLines(value)}</dd>
          </div>`,
      )}
    </dl>`;
}

function avatar(text: string): Html {
  return html`<span class="avatar" aria-hidden="true">${text}</span>`;
}

function quiet(text: string): Html {
  return html`<span class="quiet">${text}</span>`;
}

function initials(name: string): string {
  const words = name.split(' ').slice(0, 2);
  return words.map((word) => word.charAt(0).toUpperCase()).join('');
}

/** Text that apps turn into links by themselves: web and email addresses. */
const ADDRESS = /(https?:\/\/[^\s<>"]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)/;

/** A text of several lines, a paragraph each, with its addresses drawn as links. */
export function textLines(text: string): Html {
  const drawn = (part: string, index: number): Html | string =>
    index % 2 ? html`<span class="link">${part}</span>` : part;
  return html`${text.split('\n').map((line) => html`<p>${line.split(ADDRESS).map(drawn)}</p>`)}`;
}
