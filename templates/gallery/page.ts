import { readFileSync } from 'node:fs';
import { card } from './card.ts';
import { html, type Html } from '../../local/html.ts';
import type { Shown } from './shown.ts';

const STYLE = readFileSync(new URL('./gallery.css', import.meta.url), 'utf8');

/** The gallery: one page that needs nothing from anywhere else. */
export function galleryPage(all: readonly Shown[]): string {
  // Written by the project itself, so it may stand between the tags as it is.
  const style: Html = { html: `<style>${STYLE}</style>` };
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta
        http-equiv="Content-Security-Policy"
        content="default-src 'none'; style-src 'unsafe-inline'"
      />
      <title>Zap templates for Attro</title>
      ${style}
    </head>
    <body>
      <header>
        <h1>Zap templates for Attro</h1>
        <p>
          ${all.length} ready-made ways to act on what happens in an affiliate program. Each is
          shown as the person at the other end sees it, filled in from the sample payloads.
        </p>
        <nav aria-label="Templates">
          <ul>
            ${all.map(({ recipe }) => html`<li><a href="#${recipe.id}">${recipe.name}</a></li>`)}
          </ul>
        </nav>
      </header>
      <main>${all.map(card)}</main>
      <footer>
        <p>
          Made from templates/recipes and samples by “npm run gallery”. The windows are drawn for
          illustration; the names of other apps belong to their owners.
        </p>
      </footer>
    </body>
  </html>`;
  return `<!doctype html>\n${page.html}`;
}
