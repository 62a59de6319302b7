import type { Scalar } from '../attro/values.ts';
import { triggers, type TriggerKey } from '../triggers/index.ts';

type Trigger = (typeof triggers)[TriggerKey];

type InputField = Trigger['operation']['inputFields'][number];

const INTRODUCTION = `# Triggers

Made from the definition by \`npm run docs\`. Keys and types are for ever; labels may change.

Every output is flat: text, numbers and dates, nothing nested. A field is always there, and empty where
Attro sent nothing. Beside the fields listed, plain fields that Attro adds later pass through under
their own names, and nested ones as \`parent_child\`.`;

/** The catalogue of all triggers as Markdown, made from the definition that Zapier gets. */
export function catalogue(): string {
  const all = Object.values(triggers);
  const overview = table(
    ['Trigger', 'Key', 'Runs'],
    all.map(({ key, display: { label, description } }) => [
      `[${label}](${anchor(label)})`,
      code(key),
      runsWhen({ description }),
    ]),
  );
  return `${[INTRODUCTION, overview, ...all.map(section)].join('\n\n')}\n`;
}

const README_TABLE = /(<!-- triggers:[^>]*-->\n).*(<!-- \/triggers -->)/s;

/** A README with its table of triggers made anew, between the two comments that mark it. */
export function withTriggerTable(readme: string): string {
  const rows = Object.values(triggers).map(({ key, display, operation }) => [
    `[${display.label}](docs/triggers.md${anchor(display.label)})`,
    code(key),
    runsWhen(display),
    operation.inputFields.map(({ label }) => label).join(', '),
  ]);
  const made = table(['Trigger', 'Key', 'Runs', 'Filters'], rows);
  return readme.replace(README_TABLE, (_all, start: string, end: string) =>
    [start, made, `\n${end}`].join('\n'),
  );
}

/** Where a heading is, as Markdown's readers address it. */
function anchor(heading: string): string {
  return `#${heading.toLowerCase().replaceAll(' ', '-')}`;
}

/** `when a payout fails.`, of a description that goes on from "Triggers". */
function runsWhen({ description }: { description: string }): string {
  return description.replace(/^Triggers /, '');
}

function section({ key, display, operation }: Trigger): string {
  const { inputFields, outputFields, sample } = operation;
  const inputs = table(
    ['Input', 'Key', 'Type', 'Help text'],
    inputFields.map((field) => [field.label, code(field.key), inputType(field), field.helpText]),
  );
  const declared = outputFields.filter((field) => typeof field !== 'function');
  const outputs = table(
    ['Output', 'Key', 'Type', 'Example'],
    declared.map((field) => [field.label, code(field.key), field.type, example(sample[field.key])]),
  );
  const metadata =
    declared.length < outputFields.length
      ? '\n\nAnd a field `metadata_<key>` for each entry of metadata. The editor offers those of recent\nconversions.'
      : '';
  return `## ${display.label}\n\n${display.description} Key: ${code(key)}.\n\n${inputs}\n\n${outputs}${metadata}`;
}

function inputType({ type, choices }: InputField): string {
  if (!choices) return type ?? 'string';
  if (typeof choices === 'object' && 'perform' in choices) return 'dropdown of your account';
  return `dropdown: ${Object.values(choices as Record<string, string>).join(', ')}; or any value`;
}

function example(value: Scalar | undefined): string {
  return value === null || value === undefined ? '' : code(String(value));
}

function code(text: string): string {
  return '`' + text + '`';
}

function table(head: string[], rows: (string | undefined)[][]): string {
  const line = (cells: (string | undefined)[]): string =>
    `| ${cells.map((cell) => (cell ?? '').replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
