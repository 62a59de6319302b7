import { findAction } from './actions.ts';
import type { View } from './other-apps.ts';
import { APP, type Recipe } from './recipe.ts';

/**
 * The verbs that a title may start with, and for which kinds of result. The limits on `Send`,
 * `Post` and `Log` are Zapier's own.
 */
const VERBS: Readonly<Record<string, readonly View[] | 'any'>> = {
  Add: 'any',
  Create: 'any',
  Get: 'any',
  Save: 'any',
  Subscribe: ['contact'],
  Update: ['contact', 'row', 'task', 'record'],
  Send: ['message', 'mail'],
  Post: ['message'],
  Log: ['row'],
  Archive: ['row'],
};

/** Words that a title may not use. */
const BANNED_IN_TITLES: readonly [pattern: RegExp, name: string][] = [
  [/\bsync/i, 'sync'],
  [/\bautomatic/i, 'automatic'],
  [/\bZapier\b/i, 'Zapier'],
  [/\b(I|me|my|we|us|our|you|your)\b/, 'a personal pronoun'],
];

const MIN_SENTENCES = 2;
const MAX_SENTENCES = 4;

/**
 * What Zapier's reviewers would object to in a recipe's title, description and note, each as a
 * sentence that goes on from the recipe's name.
 *
 * The rules are those of https://platform.zapier.com/publish/zap-templates; that a title does
 * not say "Zapier" and has no full stop is this project's own.
 */
export function* copyProblems(recipe: Recipe): Generator<string, void> {
  yield* titleProblems(recipe);
  yield* textProblems(recipe);
}

function* titleProblems({ title, trigger, action }: Recipe): Generator<string, void> {
  const apps = [trigger.app ?? APP, action.app];
  const [first = '', ...rest] = title.split(/\s+/);
  const fits = Object.hasOwn(VERBS, first) ? VERBS[first] : undefined;
  const view = findAction(action.app, action.event)?.view;
  if (!fits)
    yield `the title starts with "${first}", not with one of ${Object.keys(VERBS).join(', ')}.`;
  else if (fits !== 'any' && view && !fits.includes(view))
    yield `the title starts with "${first}", which Zapier keeps for ${fits.join(' or ')}.`;

  for (const app of new Set(apps)) {
    if (!` ${title} `.includes(` ${app} `)) yield `the title does not name ${app}.`;
  }
  const appWords = new Set(apps.flatMap((app) => app.split(' ')));
  const capital = rest.find((word) => word !== word.toLowerCase() && !appWords.has(word));
  if (capital)
    yield `the title has a capital letter in "${capital}", but is written in sentence case.`;

  if (!/\bnew(ly)?\b/.test(title))
    yield 'the title does not say "new": only what happens from now on is handled.';
  if (title.endsWith('.')) yield 'the title ends with a full stop.';
  for (const [pattern, name] of BANNED_IN_TITLES) {
    if (pattern.test(title)) yield `the title uses ${name}.`;
  }
}

function* textProblems({ title, description, note = '' }: Recipe): Generator<string, void> {
  const sentences = description.match(/[.!?](?=\s|$)/g)?.length ?? 0;
  if (sentences < MIN_SENTENCES || sentences > MAX_SENTENCES)
    yield `the description has ${sentences} sentences, not ${MIN_SENTENCES} to ${MAX_SENTENCES}.`;
  if (description.toLowerCase().includes(title.toLowerCase()))
    yield 'the description repeats the title.';

  for (const [place, text] of Object.entries({ description, note })) {
    const jargon = /\b(Zaps?|triggers?|actions?|sync\w*)\b/i.exec(text)?.[0];
    if (jargon) yield `the ${place} says "${jargon}", a word that only Zapier's own users know.`;
    if (/https?:|www\.|\]\(/i.test(text)) yield `the ${place} has a link.`;
    if (text && !text.endsWith('.')) yield `the ${place} does not end with a full stop.`;
  }
}
