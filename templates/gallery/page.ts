import { readFileSync } from 'node:fs';
import { html, type Html } from '../../local/html.ts';
import { zapLink, type Integration } from '../links.ts';
import type { Shown } from './shown.ts';
import { preview } from './views.ts';
import { filterWords, inputWords, payloadWords, stepWords, triggerWords } from './words.ts';

const STYLE = readFileSync(new URL('./gallery.css', import.meta.url), 'utf8');

/**
 * The gallery: one page that needs nothing from anywhere else.
 *
 * @param integration what the buttons "Use this Zap" lead to; without it there are none.
 */
export function galleryPage(all: readonly Shown[], integration: Integration | undefined): string {
  return page(
    html`<header>
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
      <main>${all.map((shown) => card(shown, integration))}</main>
      <footer>
        <p>
          Made from templates/recipes and samples by “npm run docs”. The windows are drawn for
          illustration; the names of other apps belong to their owners.
        </p>
      </footer>`,
  );
}

/** A page of one preview alone, for its picture. */
export function picturePage(shown: Shown): string {
  return page(preview(shown));
}

function page(body: Html): string {
  // Written by the project itself, so it may stand between the tags as it is.
  const style: Html = { html: `<style>${STYLE}</style>` };
  const whole = html`<html lang="en">
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
      ${body}
    </body>
  </html>`;
  return `<!doctype html>\n${whole.html}`;
}

/** A recipe: what it is for, its steps in words, and what it makes. */
export function card(shown: Shown, integration: Integration | undefined): Html {
  const { recipe, steps, last } = shown;
  const link = integration && zapLink(recipe, integration);
  const inputs = inputWords(recipe).map(({ label, value }) => `${label} ${value}`);
  const filter = filterWords(recipe);
  const lines = [
    ['When', [triggerWords(recipe), ...inputs].join(', ')],
    ...(filter ? [['Only if', filter]] : []),
    ...steps.map((step) => ['Then', stepWords(step)]),
  ];
  return html`<article class="recipe" id="${recipe.id}" aria-labelledby="${recipe.id}-name">
    <div class="about">
      <p class="source">
        ${recipe.source === 'guide' ? 'From Attro’s guide' : 'More for affiliate managers'}
      </p>
      <h2 id="${recipe.id}-name">${recipe.name}</h2>
      <p>${recipe.description}</p>
      <ol class="steps">
        ${lines.map(
          ([when = '', what = '']) =>
            html`<li><span class="when">${when}</span> <span>${what}</span></li>`,
        )}
      </ol>
      ${recipe.note ? html`<p class="quiet">Note: ${recipe.note}</p>` : html``}
      ${link ? html`<p><a class="use" href="${link}" rel="noopener" aria-describedby="${recipe.id}-name">Use this Zap</a></p>` : html``}
    </div>
    <figure>
      ${preview(shown)}
      <figcaption class="quiet">What ${last.app} shows for ${payloadWords(recipe)}.</figcaption>
    </figure>
  </article>`;
}
