import { html, type Html } from '../../local/html.ts';
import { textLines } from './text.ts';
import { partOf, type Shown } from './shown.ts';

/** A mail as its reader sees it. */
export function mailView(shown: Shown): Html {
  return html`<div class="window mail">
    <p class="subject">${partOf(shown, 'title')} <span class="label">Inbox</span></p>
    <div class="sender">
      <span class="avatar" aria-hidden="true">Y</span>
      <div>
        <p><strong>Your Gmail account</strong></p>
        <p class="quiet">to ${partOf(shown, 'to')}</p>
      </div>
      <span class="time">${shown.time}</span>
    </div>
    <div class="body">${textLines(partOf(shown, 'body'))}</div>
  </div>`;
}
