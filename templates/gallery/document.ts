import { isLeftEmpty } from '../actions.ts';
import { placeholdersOf } from '../render.ts';
import type { Shown, ShownField } from './shown.ts';
import {
  filterLabel,
  inputWords,
  outputLabel,
  payloadWords,
  previewWords,
  stepWords,
  triggerWords,
} from './words.ts';

/** A section of docs/templates.md for each template: what it makes, and what to type into Zapier. */
export function templateSections(all: readonly Shown[]): string {
  return all.map(section).join('\n\n');
}

function section(shown: Shown): string {
  const { recipe, steps } = shown;
  const { description, note, filter } = recipe;
  const inputs = inputWords(recipe).map(({ label, value }) => `**${label}** \`${value}\``);
  return [
    `### ${recipe.name}`,
    '',
    `![${previewWords(shown).replace(/[[\]]/g, '')}](gallery/${recipe.id}.png)`,
    `_Shown: ${payloadWords(recipe)}._`,
    '',
    `- **Title:** ${recipe.title}`,
    `- **Description:** ${note ? `${description} \\*Note: ${note}\\*` : description}`,
    `- **When** ${triggerWords(recipe)}, with ${inputs.join(', ') || 'no input filled in'}`,
    ...(filter
      ? [
          `- **Filter:** ${filterLabel(recipe, filter.field)}, ${filter.condition}, \`${filter.value}\``,
        ]
      : []),
    ...steps.flatMap((step) => [
      `- **Then** ${stepWords(step)}`,
      ...step.fields.map((field) => `  - ${fieldText(field)}`),
    ]),
    ...fieldsToInsert(shown),
  ].join('\n');
}

/** What to type into one field, or why nothing. */
function fieldText(field: ShownField): string {
  const { template, value, choices, dynamic } = field;
  const name = `**${field.ownName ?? field.label}**`;
  if (isLeftEmpty(field, template)) return `${name}: left empty; here \`${value}\``;
  if (choices?.[template]) return `${name}: choose **${value}**`;
  const start = `${name}${dynamic ? ' (only with an account)' : ''}:`;
  return template.includes('\n')
    ? [start, '```text', ...template.split('\n'), '```'].join('\n    ')
    : `${start} \`${template}\``;
}

/** The field that the editor is to insert in the place of each placeholder, by its label. */
function fieldsToInsert({ recipe, steps }: Shown): string[] {
  const templates = steps.flatMap(({ fields }) => fields.map(({ template }) => template));
  const labels = [...new Set(templates.flatMap(placeholdersOf))].map(
    (placeholder) => `\`{{${placeholder}}}\` **${outputLabel(recipe, placeholder)}**`,
  );
  return labels.length > 0 ? [`- **Insert** ${labels.join(', ')}`] : [];
}
