import type { PlainInputField, PlainOutputField } from 'zapier-platform-core';
import app from '../index.ts';
import type { FlatRecord } from '../output/mapper.ts';

/** A trigger, a search or an action, as Zapier gets it. */
interface Step {
  key: string;
  display: { label: string; description: string };
  operation: {
    inputFields: readonly PlainInputField[];
    outputFields: readonly (PlainOutputField | ((...parameters: never[]) => unknown))[];
    sample: Readonly<FlatRecord>;
  };
}

const INTRODUCTION = `# Reference

Made from the definition by \`npm run docs\`: every trigger, search and action with its fields. Keys and types
are for ever; labels may change.

Every output is flat: text, numbers and dates, nothing nested. A field is always there, and empty where
Attro sent nothing. Beside the fields listed, plain fields that Attro adds later pass through under
their own names, and nested ones as \`parent_child\`.`;

const triggers: readonly Step[] = Object.values(app.triggers);
const searches: readonly Step[] = Object.values(app.searches);
const creates: readonly Step[] = Object.values(app.creates);
const pairs = Object.values(app.searchOrCreates);

/** The catalogue of all steps as Markdown, made from the definition that Zapier gets. */
export function catalogue(): string {
  const parts = [
    INTRODUCTION,
    table(
      ['Trigger', 'Key', 'Runs'],
      triggers.map(({ key, display }) => [
        `[${display.label}](${anchor(display.label)})`,
        code(key),
        runsWhen(display),
      ]),
    ),
    actionTable(''),
    ...[...triggers, ...searches, ...creates].map(section),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** A README with its tables made anew, between the two comments that mark each. */
export function withTables(readme: string): string {
  const rows = triggers.map(({ key, display, operation }) => [
    `[${display.label}](${REFERENCE}${anchor(display.label)})`,
    code(key),
    runsWhen(display),
    operation.inputFields.map(({ label }) => label).join(', '),
  ]);
  const triggerTable = table(['Trigger', 'Key', 'Runs', 'Filters'], rows);
  return withTable(withTable(readme, 'triggers', triggerTable), 'actions', actionTable(REFERENCE));
}

/** Where the catalogue is, seen from README. */
const REFERENCE = 'docs/reference.md';

/** A text with a table made anew, between the two comments that mark it. */
export function withTable(readme: string, name: string, made: string): string {
  const marked = new RegExp(`(<!-- ${name}:[^>]*-->\\n).*(<!-- /${name} -->)`, 's');
  return readme.replace(marked, (_all, start: string, end: string) =>
    [start, made, `\n${end}`].join('\n'),
  );
}

/** Searches, those that create what they do not find, and actions. */
function actionTable(page: string): string {
  const row = (kind: string, { key, display }: Omit<Step, 'operation'>, heading: string) => [
    `[${display.label}](${page}${anchor(heading)})`,
    kind,
    code(key),
    display.description,
  ];
  return table(
    ['Search or action', 'Kind', 'Key', 'What it does'],
    [
      ...searches.map((step) => row('search', step, step.display.label)),
      ...pairs.map((pair) =>
        row('search or create', pair, app.searches[pair.search].display.label),
      ),
      ...creates.map((step) => row('action', step, step.display.label)),
    ],
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

function section({ key, display, operation }: Step): string {
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

function inputType(field: PlainInputField): string {
  return field.required ? `${kindOf(field)}; required` : kindOf(field);
}

function kindOf({ type = 'string', choices, dict, required }: PlainInputField): string {
  if (dict) return 'pairs of a name and a value';
  if (!choices) return type;
  if ('perform' in choices) return 'dropdown of your account';
  const labels = Object.values(choices as Record<string, string>).join(', ');
  // What must be filled in is one of the choices; elsewhere Attro may know more than these.
  return required ? `dropdown: ${labels}` : `dropdown: ${labels}; or any value`;
}

function example(value: FlatRecord[string] | undefined): string {
  return value === null || value === undefined ? '' : code(String(value));
}

export function code(text: string): string {
  return '`' + text + '`';
}

/** A table in Markdown. */
export function table(head: string[], rows: (string | undefined)[][]): string {
  const line = (cells: (string | undefined)[]): string =>
    `| ${cells.map((cell) => (cell ?? '').replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
