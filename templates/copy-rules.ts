import { findAction, type View } from './actions.ts';
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

const MIN_SENTENCES = 2;
const MAX_SENTENCES = 4;

/**
 * What Zapier's reviewers would object to in a recipe's title, description and note, each as a
 * sentence that goes on from the recipe's name.
 *
 * The rules are those of https://platform.zapier.com/publish/zap-templates; that a title does
 * not say "Zapier" and has no full stop is this project's own.
 */
export function copyProblems(recipe: Recipe): string[] {
  return [...titleProblems(recipe), ...textProblems(recipe)];
}

function titleProblems({ title, trigger, action }: Recipe): string[] {
  const apps = [trigger.app ?? APP, action.app];
  const problems: string[] = [];
  const [first = '', ...rest] = title.split(/\s+/);
  const fits = Object.hasOwn(VERBS, first) ? VERBS[first] : undefined;
  if (!fits) {
    problems.push(
      `the title starts with "${first}", not with one of ${Object.keys(VERBS).join(', ')}.`,
    );
  } else if (fits !== 'any') {
    const view = findAction(action.app, action.event)?.view;
    if (view && !fits.includes(view))
      problems.push(
        `the title starts with "${first}", which Zapier keeps for ${fits.join(' or ')}.`,
      );
  }

  for (const app of new Set(apps)) {
    if (!hasWord(title, app)) problems.push(`the title does not name ${app}.`);
  }

  const appWords = new Set(apps.flatMap((app) => app.split(' ')));
  const capital = rest.find((word) => word !== word.toLowerCase() && !appWords.has(word));
  if (capital)
    problems.push(
      `the title has a capital letter in "${capital}", but is written in sentence case.`,
    );

  if (!/\bnew(ly)?\b/.test(title))
    problems.push('the title does not say "new": only what happens from now on is handled.');
  if (title.endsWith('.')) problems.push('the title ends with a full stop.');
  for (const [pattern, name] of [
    [/\bsync/i, 'sync'],
    [/\bautomatic/i, 'automatic'],
    [/\bZapier\b/i, 'Zapier'],
    [/\b(I|me|my|we|us|our|you|your)\b/, 'a personal pronoun'],
  ] as const) {
    if (pattern.test(title)) problems.push(`the title uses ${name}.`);
  }
  return problems;
}

function textProblems({ title, description, note = '' }: Recipe): string[] {
  const problems: string[] = [];
  const sentences = description.match(/[.!?](?=\s|$)/g)?.length ?? 0;
  if (sentences < MIN_SENTENCES || sentences > MAX_SENTENCES)
    problems.push(
      `the description has ${sentences} sentences, not ${MIN_SENTENCES} to ${MAX_SENTENCES}.`,
    );
  if (description.toLowerCase().includes(title.toLowerCase()))
    problems.push('the description repeats the title.');

  for (const [place, text] of [
    ['description', description],
    ['note', note],
  ] as const) {
    const jargon = /\b(Zaps?|triggers?|actions?|sync\w*)\b/i.exec(text)?.[0];
    if (jargon)
      problems.push(`the ${place} says "${jargon}", a word that only Zapier's own users know.`);
    if (/https?:|www\.|\]\(/i.test(text)) problems.push(`the ${place} has a link.`);
    if (text && !text.endsWith('.')) problems.push(`the ${place} does not end with a full stop.`);
  }
  return problems;
}

function hasWord(text: string, word: string): boolean {
  return ` ${text} `.includes(` ${word} `);
}
