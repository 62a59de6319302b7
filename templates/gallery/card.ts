import type { View } from '../actions.ts';
import { stepsOf } from '../recipe.ts';
import { contactView } from './contact.ts';
import { html, type Html } from '../../local/html.ts';
import { mailView } from './mail.ts';
import { messageView } from './message.ts';
import { recordView } from './record.ts';
import { rowView } from './row.ts';
import type { Shown } from './shown.ts';
import { taskView } from './task.ts';
import { filterWords, inputWords, payloadWords, stepWords, triggerWords } from './words.ts';

const VIEWS: Readonly<Record<View, (shown: Shown) => Html>> = {
  message: messageView,
  row: rowView,
  mail: mailView,
  contact: contactView,
  task: taskView,
  record: recordView,
};

/** What the other app shows after a run; the gallery's screenshots are taken of it. */
export function preview(shown: Shown): Html {
  return html`<div class="frame ${shown.view}-frame">${VIEWS[shown.view](shown)}</div>`;
}

/** A recipe: what it is for, its steps in words, and what it makes. */
export function card(shown: Shown): Html {
  const { recipe } = shown;
  const inputs = inputWords(recipe).map(({ label, value }) => `${label} ${value}`);
  const filter = filterWords(recipe);
  const steps = [
    { when: 'When', what: [triggerWords(recipe), ...inputs].join(', ') },
    ...(filter ? [{ when: 'Only if', what: filter }] : []),
    ...stepsOf(recipe).map((step) => ({ when: 'Then', what: stepWords(step) })),
  ];
  return html`<article class="recipe" id="${recipe.id}" aria-labelledby="${recipe.id}-name">
    <div class="about">
      <p class="source">
        ${recipe.source === 'guide' ? 'From Attro’s guide' : 'More for affiliate managers'}
      </p>
      <h2 id="${recipe.id}-name">${recipe.name}</h2>
      <p>${recipe.description}</p>
      <ol class="steps">
        ${steps.map(
          ({ when, what }) => html`<li><span class="when">${when}</span> <span>${what}</span></li>`,
        )}
      </ol>
      ${recipe.note ? html`<p class="note">Note: ${recipe.note}</p>` : html``}
    </div>
    <figure>
      ${preview(shown)}
      <figcaption>What ${recipe.action.app} shows for ${payloadWords(recipe)}.</figcaption>
    </figure>
  </article>`;
}
