import { html, type Html } from '../../local/html.ts';
import { otherFields, type Shown } from './shown.ts';
import { captioned } from './text.ts';

/** What was written into a record of Attro's. */
export function recordView(shown: Shown): Html {
  const { app, event } = shown.recipe.action;
  return html`<div class="window record">
    <p class="bar"><span class="tick" aria-hidden="true">✓</span> ${app}</p>
    <p class="name">${event}</p>
    ${captioned(otherFields(shown))}
  </div>`;
}
