/** HTML that may be put into a page as it is; only {@link html} makes it. */
export interface Html {
  readonly html: string;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text as HTML that shows just that text, between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

type Piece = Html | string | number | readonly Piece[];

function toHtml(piece: Piece): string {
  if (typeof piece === 'string') return escapeHtml(piece);
  if (typeof piece === 'number') return String(piece);
  return 'html' in piece ? piece.html : piece.map(toHtml).join('');
}

/** Writes HTML: what is filled in is escaped, except for HTML that was written in the same way. */
export function html(parts: TemplateStringsArray, ...pieces: Piece[]): Html {
  return {
    html: parts.reduce((text, part, index) => {
      const piece = pieces[index - 1];
      return text + (piece === undefined ? '' : toHtml(piece)) + part;
    }),
  };
}

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
