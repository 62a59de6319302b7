import { findField, isLeftEmpty, openName } from '../actions.ts';
import {
  cspLine,
  EMBED_ATTRIBUTES,
  EMBED_CSP,
  EMBED_PLACEHOLDERS,
  EMBED_SOURCES,
  INTEGRATION_PAGE,
  snippetParts,
} from '../embed.ts';
import { stepsOf, TRIGGER_NAME, type Recipe, type Step } from '../recipe.ts';
import { placeholdersOf } from '../render.ts';
import { placeholderName, triggerOf } from '../trigger.ts';
import { actionOf, fieldOf } from './shown.ts';
import { inputWords, outputLabel } from './words.ts';

const TEMPLATE_DOC = 'https://platform.zapier.com/publish/zap-templates';

/**
 * The way of every recipe from here to Zapier, field by field, and of the embed to Attro.
 *
 * @param embedPage the example page with the embed's snippet.
 */
export function publishingDoc(recipes: readonly Recipe[], embedPage: string): string {
  return [
    '# Publishing the Zap templates',
    'Zap templates are not part of an integration’s code: somebody builds each of them in Zapier’s ' +
      'template editor. This page holds what to fill in there, for every recipe in ' +
      '[`templates/recipes`](../templates/recipes), ready to be copied. It is made by `npm run gallery`; ' +
      'to change it, change a recipe. What the results look like is in [templates.md](templates.md).',
    BEFORE,
    EDITOR,
    FIELDS,
    '## The templates',
    ...recipes.flatMap((recipe, index) => recipeSection(recipe, index + 1)),
    ...embedSection(embedPage),
    ASSUMPTIONS,
    SOURCES,
  ].join('\n\n');
}

const BEFORE = `## Before you start

- **The integration is public.** Zapier takes templates of public integrations only, so they come right after
  publication. Five to ten are recommended for the start: begin with the first ten, the others may follow.
- **The promoted version has these triggers.** Promoting a later version updates the templates by itself, unless a
  trigger, an input or an output key was removed or renamed: then they stay on the old version.
- **One account owns them.** Zapier’s dashboard shows templates only to the account that made them. Use one that
  stays with Attro, not a person’s own.
- **Everything is checked.** \`npm test\` is green, so no placeholder on this page is misspelled.`;

const EDITOR = `## Get to the editor

1. Sign in to Zapier and open the [Zap template dashboard](https://developer.zapier.com/zap-templates).
2. Click **Create Zap Template**. This opens the
   [template creator](https://zapier.com/app/editor/zap-template/), which asks for no account of the apps: it works
   with each trigger’s sample data, which is the sample of this integration.
3. Choose the trigger’s app and event, fill in its inputs, and go on past **Test trigger**.
4. Where the template has a filter, click **+** and choose **Filter**.
5. Choose the action’s app and event, and fill in its fields; where the template has several actions, one after the
   other in the order given.
6. Fill in title and description under **Finish Up Your Zap Template** and click **Save Draft**.
7. Try it: on the dashboard, open the gear beside the template, choose **Copy Link**, open the link in a new window,
   and run it once with real accounts.
8. Click **Submit for Review**. Zapier answers by email, usually within two weeks; a rejected template can be mended
   and sent in again. A public one can be changed only by asking Zapier with its number.`;

const FIELDS = `## How to fill in a field

A text below may hold placeholders such as \`{{affiliate_name}}\`. Zapier’s editor does not read them: copy the text,
paste it into the field, and then put a field in the place of each placeholder. To do so, delete the placeholder, leave
the cursor there, open **Show all options** and pick the field that is named below it.

Three kinds of field need care:

- **Left empty.** A channel, a spreadsheet or an address is different for everybody, and Zapier turns down templates
  with such values in them. The user fills these in; the gallery shows an example.
- **Only with an account.** Columns of a spreadsheet and custom fields show up only when an account is connected, which
  the template creator does not do. Fill them in where the editor offers them; the note in the description tells the
  user about them in any case.
- **Metadata.** Fields of metadata are not in the sample, because accounts differ. Where the editor does not offer one,
  leave its line out.`;

function recipeSection(recipe: Recipe, number: number): string[] {
  const { app, label } = triggerOf(recipe);
  const inputs = inputWords(recipe);
  return [
    `### ${number}. ${recipe.name}`,
    `![What ${recipe.action.app} shows](gallery/${recipe.id}.png)`,
    '**Title**',
    fence(recipe.title),
    '**Description**',
    fence(recipe.note ? `${recipe.description}\n\n*Note: ${recipe.note}*` : recipe.description),
    `**Trigger:** app **${app}**, event **${label}**`,
    inputs.length > 0
      ? [
          ...inputs.map(({ label, value }) => `- **${label}:** \`${value}\``),
          '- Leave every other field empty.',
        ].join('\n')
      : 'Leave every field empty.',
    ...filterSteps(recipe),
    ...stepsOf(recipe).flatMap((step) => [
      `**Action:** app **${step.app}**, event **${step.event}**`,
      ...step.fields.flatMap((field, index) => fieldSteps(recipe, step, field, index + 1)),
    ]),
  ];
}

function filterSteps(recipe: Recipe): string[] {
  const { filter } = recipe;
  if (!filter) return [];
  return [
    '**Filter:** app **Filter by Zapier**, event **Only continue if…**',
    [
      `- Field: insert **${outputLabel(recipe, filter.field)}**`,
      `- Condition: **${filter.condition}**`,
      `- Value: \`${filter.value}\``,
    ].join('\n'),
  ];
}

function fieldSteps(
  recipe: Recipe,
  step: Step,
  { key, value }: Step['fields'][number],
  number: number,
): string[] {
  const action = actionOf(recipe, step);
  const field = fieldOf(recipe, action, key);
  const name = `${number}. **${openName(action, key) ?? field.label}**`;
  if (isLeftEmpty(field, value)) return [`${name}: leave empty. (In the gallery: ${value})`];
  const choice = field.choices?.[value];
  if (choice) return [`${name}: choose **${choice}**`];
  const kind = findField(action, key)?.dynamic ? ' (only with an account)' : '';
  const placeholders = placeholdersOf(value).map(
    (placeholder) =>
      `   - \`{{${placeholder}}}\`: insert the field **${outputLabel(recipe, placeholder)}**` +
      (isMetadata(recipe, placeholder) ? ' (metadata)' : ''),
  );
  return [
    `${name}${kind}`,
    indent(fence(value)),
    ...(placeholders.length > 0 ? [placeholders.join('\n')] : []),
  ];
}

/** Tells whether a placeholder is one of the recipe's metadata fields. */
function isMetadata(recipe: Recipe, placeholder: string): boolean {
  const keys = recipe.metadata ?? [];
  return keys.some((key) => placeholderName(recipe, TRIGGER_NAME, key) === placeholder);
}

function embedSection(embedPage: string): string[] {
  const { head, body } = snippetParts(embedPage);
  return [
    '## Show them in Attro',
    'Attro’s guide sends users to **Settings → Integrations → Zapier** and a button **Connect to Zapier**. This ' +
      'snippet is that button, with the templates below it. The templates come from Zapier’s ' +
      `[Workflow Element](${EMBED_SOURCES.workflowElement}); the button is a plain link, so that it works while ` +
      'the element loads, and where it cannot. The whole page, ready to be opened, is ' +
      '[`embed/connect-to-zapier.html`](embed/connect-to-zapier.html).',
    'Into the page’s head:',
    fence(head, 'html'),
    'Into its body:',
    fence(body, 'html'),
    '### What to put in',
    [
      '| Attribute | What it is | In the snippet | Known from |',
      '| --- | --- | --- | --- |',
      ...Object.entries(EMBED_ATTRIBUTES).map(([name, { meaning, values, documented }]) => {
        const placeholder = EMBED_PLACEHOLDERS[name];
        const value = placeholder ?? new RegExp(`\\s${name}="([^"]*)"`).exec(body)?.[1];
        const choices = values
          ? ` One of ${values.map((choice) => `\`${choice}\``).join(', ')}.`
          : '';
        return `| \`${name}\` | ${meaning}${choices} | ${value ? `\`${value}\`` : 'not used'} | ${documented ? 'documentation' : 'generator (assumption)'} |`;
      }),
    ].join('\n'),
    [
      `1. **Client ID.** In [Zapier’s developer platform](https://developer.zapier.com/), open the integration and ` +
        `**Embed → Settings → Credentials** ([documentation](${EMBED_SOURCES.credentials})). It exists only once the ` +
        'integration is public. Put it in the place of `YOUR_ZAPIER_CLIENT_ID`.',
      `2. **The user.** Attro’s server writes the signed-in user’s address and names into the \`sign-up-…\` attributes, ` +
        `escaped for HTML. With all three and the client ID, a new user needs no sign-up form ` +
        `([documentation](${EMBED_SOURCES.quickAccount})). Without them leave the attributes out.`,
      `3. **Domains.** List every domain of Attro that shows the page under **Embed → Settings → Embedding Domains**; ` +
        `others see an error ([documentation](${EMBED_SOURCES.security})). \`localhost\` cannot be listed.`,
      `4. **The link.** Compare \`${INTEGRATION_PAGE}\` with the address of the published integration. Until it is ` +
        'public, put the invitation link of the developer platform there.',
      `5. **Chosen templates.** To show just these, in this order, make the snippet anew in Zapier’s ` +
        `[generator](${EMBED_SOURCES.generator}) with the published templates selected.`,
    ].join('\n'),
    '### Content Security Policy',
    'If Attro sends a Content-Security-Policy, the settings page needs at least:',
    fence(cspLine(EMBED_CSP)),
    `Zapier documents only that a policy which is too strict blocks the element, and recommends the referrer policy ` +
      `that the snippet sets ([documentation](${EMBED_SOURCES.security})). Script and stylesheet come from ` +
      '`cdn.zapier.com`, as the snippet shows; the other hosts are an assumption. Send the line as ' +
      '`Content-Security-Policy-Report-Only` first, and add what the reports name.',
  ];
}

const ASSUMPTIONS = `## What is assumed here

Zapier does not document these; check them when you are there, and correct this page at its source,
\`templates/gallery/publishing-doc.ts\`, or in \`templates/embed.ts\`.

- The template creator is still as Zapier’s documentation shows it, which was read in
  [Zapier’s repository](https://github.com/zapier/visual-builder/blob/main/docs/_publish/launch-process/zap-templates.md).
  In 2021 Zapier proposed that the ordinary Zap editor and its share dialog take its place
  ([pull request](https://github.com/zapier/visual-builder/pull/219)); the fields would be the same there.
- The labels of other apps’ fields and which of them are required: they belong to those apps and change.
- That Stripe’s **New Payment** gives the amount in cents, as Stripe’s own API does. Where the editor’s test shows it in
  dollars, leave out the step of Formatter by Zapier and take the amount of the trigger.
- The words for a filter’s condition, such as “(Number) Greater than”.
- The attributes marked “generator” in the table above, and the hosts in the policy beyond \`cdn.zapier.com\`.
- The last part of the integration’s address on zapier.com.`;

const SOURCES = `## Sources

${[TEMPLATE_DOC, ...Object.values(EMBED_SOURCES)].map((address) => `- <${address}>`).join('\n')}`;

function fence(text: string, language = 'text'): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '   ');
}
