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
