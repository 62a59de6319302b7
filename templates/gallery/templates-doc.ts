import {
  filterWords,
  inputWords,
  payloadWords,
  previewWords,
  stepWords,
  triggerWords,
} from './words.ts';
import { stepsOf, type Recipe } from '../recipe.ts';
import type { Shown } from './shown.ts';

/** The gallery as a document: every recipe with its screenshot and its texts. */
export function templatesDoc(all: readonly Shown[]): string {
  return [
    '# Zap templates',
    `${all.length} templates come with the integration: the four of Attro’s guide, word for word, and ` +
      `${all.filter(({ recipe }) => recipe.source === 'attro').length} more that affiliate managers ask for. ` +
      'Each is a file in [`templates/recipes`](../templates/recipes). This page is made from those files ' +
      'by `npm run gallery`; the same gallery as a page of its own is ' +
      '[`gallery/index.html`](gallery/index.html), and [publishing-templates.md](publishing-templates.md) ' +
      'takes them to Zapier.',
    'Where a template has several steps, a placeholder names the one that it takes its field from: ' +
      '`{{find_affiliate.affiliate_id}}`, or `{{trigger.currency}}`.',
    'What the pictures show is what the recipes really make: the trigger’s sample payload, mapped as the ' +
      'app maps a delivery and filled in by [`templates/render.ts`](../templates/render.ts).',
    ...all.flatMap(section),
    '## How they are checked',
    '`npm test` fails, with a sentence that names the recipe, the field and the nearest key that exists, ' +
      'when a recipe uses a field that no step before gives, leaves a required field of its action ' +
      'empty, compares a text as a number, uses metadata without saying so, or has a title that Zapier’s ' +
      'reviewers would send back. It fails also when what a recipe makes differs from ' +
      '`test/templates/expected`, and when this page or a screenshot is older than its recipe.',
    'To add or change a template, edit its file, run `npm run gallery`, and look at what has changed.',
  ].join('\n\n');
}

function section(shown: Shown): string[] {
  const { recipe, fields } = shown;
  const inputs = inputWords(recipe).map(({ label, value }) => `${label} ${value}`);
  const filter = filterWords(recipe);
  return [
    `## ${recipe.name}`,
    recipe.description,
    `![${altText(previewWords(shown))}](gallery/${recipe.id}.png)`,
    `_${capital(payloadWords(recipe))}._`,
    [
      `- **When** ${[triggerWords(recipe), ...inputs].join(', ')}`,
      ...(filter ? [`- **Only if** ${filter}`] : []),
      ...stepsOf(recipe).map((step) => `- **Then** ${stepWords(step)}`),
      ...(recipe.note ? [`- **Note** ${recipe.note}`] : []),
    ].join('\n'),
    ...shown.between.flatMap((step, index) => [
      `What goes into **${stepWords(step)}**:`,
      fieldTable(step.fields, recipe.steps?.[index]?.fields ?? []),
    ]),
    ...(recipe.steps ? [`What goes into **${stepWords(recipe.action)}**:`] : []),
    fieldTable(fields, recipe.action.fields),
  ];
}

function fieldTable(shown: Shown['fields'], templates: Recipe['action']['fields']): string {
  return [
    '| Field | Template | What it becomes |',
    '| --- | --- | --- |',
    ...shown.map(({ key, label, value }) => {
      const template = templates.find((field) => field.key === key)?.value ?? '';
      return `| ${label} | ${code(template)} | ${code(value)} |`;
    }),
  ].join('\n');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function altText(text: string): string {
  return text.replace(/[[\]]/g, '');
}

/** A text in a table's cell, a line of code for each of its lines, so that none is read as Markdown. */
function code(text: string): string {
  return text
    .split('\n')
    .map((line) => (line ? `\`${line.replaceAll('|', '\\|')}\`` : ''))
    .join('<br>');
}
