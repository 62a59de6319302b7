import { html, type Html } from '../../local/html.ts';
import { captioned } from './text.ts';
import { otherFields, partOf, type Shown } from './shown.ts';

/** A contact's card in a CRM or a mailing list. */
export function contactView(shown: Shown): Html {
  const name = partOf(shown, 'title').trim();
  const email = partOf(shown, 'subtitle');
  const tags = partOf(shown, 'tags')
    .split(',')
    .map((tag) => tag.trim())
    .filter(Boolean);
  return html`<div class="window contact">
    <div class="head">
      <span class="avatar" aria-hidden="true">${initials(name || email)}</span>
      <div>
        <p class="name">${name || email}</p>
        ${name ? html`<p class="link">${email}</p>` : html`<p class="quiet">Contact</p>`}
      </div>
    </div>
    ${captioned(otherFields(shown))}
    ${
      tags.length > 0
        ? html`<p class="tags">
            <span class="quiet">Tags</span>
            ${tags.map((tag) => html`<span class="tag">${tag}</span>`)}
          </p>`
        : html``
    }
  </div>`;
}

function initials(name: string): string {
  return name
    .split(' ')
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');
}
