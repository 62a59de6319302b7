import { html, type Html } from '../../local/html.ts';

/** Text that apps turn into links by themselves: web and email addresses. */
const ADDRESS = /(https?:\/\/[^\s<>"]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)/;

/** A text of several lines, a paragraph each, with its addresses drawn as links. */
export function textLines(text: string): Html {
  const line = (content: string): Html =>
    html`<p>
      ${content
        .split(ADDRESS)
        .map((part, index) => (index % 2 ? html`<span class="link">${part}</span>` : part))}
    </p>`;
  return html`${text.split('\n').map(line)}`;
}

/** Captions with their values. */
export function captioned(pairs: readonly { caption: string; value: string }[]): Html {
  if (pairs.length === 0) return html``;
  return html`<dl>
    ${pairs.map(
      ({ caption, value }) =>
        html`<div>
          <dt>${caption}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}
