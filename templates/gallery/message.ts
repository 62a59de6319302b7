import { html, type Html } from '../../local/html.ts';
import { textLines } from './text.ts';
import { partOf, type Shown } from './shown.ts';

/** A message in a chat's channel. */
export function messageView(shown: Shown): Html {
  return html`<div class="window message">
    <p class="bar"><span class="hash">#</span>${partOf(shown, 'place').replace(/^#/, '')}</p>
    <div class="post">
      <span class="avatar" aria-hidden="true">Z</span>
      <div>
        <p class="who">
          <strong>Zapier</strong> <span class="badge">APP</span>
          <span class="time">${shown.time}</span>
        </p>
        ${textLines(partOf(shown, 'body'))}
      </div>
    </div>
  </div>`;
}
