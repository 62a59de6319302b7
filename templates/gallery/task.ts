import { html, type Html } from '../../local/html.ts';
import { captioned, textLines } from './text.ts';
import { otherFields, partOf, type Shown } from './shown.ts';

/** A task as it stands in its project. */
export function taskView(shown: Shown): Html {
  return html`<div class="window task">
    <p class="bar"><span class="tick" aria-hidden="true">✓</span> Mark complete</p>
    <p class="name">${partOf(shown, 'title')}</p>
    ${captioned([{ caption: 'Project', value: partOf(shown, 'place') }, ...otherFields(shown)])}
    <p class="quiet">Description</p>
    <div class="body">${textLines(partOf(shown, 'body'))}</div>
  </div>`;
}
