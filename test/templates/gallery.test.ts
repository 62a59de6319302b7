import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { card } from '../../templates/gallery/card.ts';
import { GALLERY_FOLDER, generatedFiles, ROOT } from '../../templates/gallery/files.ts';
import { textLines } from '../../templates/gallery/text.ts';
import { escapeHtml, html } from '../../local/html.ts';
import { fingerprint, recordedFingerprints } from '../../templates/gallery/screenshots.ts';
import { show } from '../../templates/gallery/shown.ts';
import { outputLabel } from '../../templates/gallery/words.ts';
import { isLeftEmpty } from '../../templates/actions.ts';
import { stepsOf } from '../../templates/recipe.ts';
import { placeholdersOf } from '../../templates/render.ts';
import { triggerOf } from '../../templates/trigger.ts';
import { recipeOf, RECIPES } from './sets.ts';

const HOSTILE = `"><script>alert('1')</script>&amp;`;
const HARMLESS = '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;';

/** The most that all screenshots together may weigh, in bytes. */
const MAX_SCREENSHOTS = 600_000;

const files = await generatedFiles();

describe('the generated files', () => {
  it.each(files.map(({ path, text }) => [path, text] as const))(
    'are what the recipes give now (else run "npm run gallery"): %s',
    (path, text) => {
      expect(readFileSync(new URL(path, ROOT), 'utf8')).toBe(text);
    },
  );

  it('are the same every time', async () => {
    expect(await generatedFiles()).toEqual(files);
  });

  it('have a screenshot of every recipe as it is now (else run "npm run gallery" with a browser)', () => {
    const now = Object.fromEntries(RECIPES.map((recipe) => [recipe.id, fingerprint(show(recipe))]));
    expect(recordedFingerprints()).toEqual(now);

    const pictures = readdirSync(GALLERY_FOLDER).filter((file) => file.endsWith('.png'));
    expect(pictures.sort()).toEqual(RECIPES.map(({ id }) => `${id}.png`).sort());
    const sizes = pictures.map((file) => statSync(new URL(file, GALLERY_FOLDER)).size);
    expect(Math.min(...sizes)).toBeGreaterThan(1000);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_SCREENSHOTS);
  });

  it('lead only to files that exist', () => {
    for (const { path, text } of files.filter(({ path }) => path.endsWith('.md'))) {
      const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link]) => link ?? '');
      expect(links.length).toBeGreaterThan(0);
      for (const link of links) {
        const target = new URL(link, new URL(path, ROOT));
        expect([link, existsSync(target)]).toEqual([link, true]);
      }
    }
  });
});

describe('the page for publishing', () => {
  const text = files.find(({ path }) => path.endsWith('publishing-templates.md'))?.text ?? '';

  it.each(RECIPES.map((recipe) => [recipe.id, recipe] as const))(
    'holds everything that has to be filled in for %s',
    (_id, recipe) => {
      const start = text.indexOf(`. ${recipe.name}\n`);
      const section = text.slice(start, text.indexOf('\n## ', start)).split('\n### ')[0] ?? '';
      expect(start).toBeGreaterThan(0);
      expect(section).toContain(`\`\`\`text\n${recipe.title}\n\`\`\``);
      expect(section).toContain(recipe.description);
      if (recipe.note) expect(section).toContain(`*Note: ${recipe.note}*`);
      const { app, label: event } = triggerOf(recipe);
      expect(section).toContain(`**Trigger:** app **${app}**, event **${event}**`);
      if (recipe.filter) expect(section).toContain(`Condition: **${recipe.filter.condition}**`);
      const { between, fields } = show(recipe);
      for (const [index, shown] of [...between.map((step) => step.fields), fields].entries()) {
        const step = stepsOf(recipe)[index];
        expect(section).toContain(`**Action:** app **${step?.app}**, event **${step?.event}**`);
        for (const { own = false, value, label, choices, key } of shown) {
          const template = step?.fields.find((field) => field.key === key)?.value ?? '';
          if (isLeftEmpty({ own }, template))
            expect(section).toContain(`leave empty. (In the gallery: ${value})`);
          else if (choices?.[template])
            expect(section).toContain(`**${label}**: choose **${value}**`);
          else expect(section).toContain(template.split('\n').join('\n   '));
          for (const placeholder of placeholdersOf(template)) {
            const field = outputLabel(recipe, placeholder);
            expect(section).toContain(`\`{{${placeholder}}}\`: insert the field **${field}**`);
          }
        }
      }
    },
  );
});

describe('the gallery', () => {
  it('shows a hostile value as the text that it is', () => {
    expect(escapeHtml(HOSTILE)).toBe(HARMLESS);
    expect(html`<p title="${HOSTILE}">${[HOSTILE, html`<b>${1}</b>`]}</p>`.html).toBe(
      `<p title="${HARMLESS}">${HARMLESS}<b>1</b></p>`,
    );
  });

  it.each(RECIPES.map(({ id }) => [id]))('lets no hostile value out of its place: %s', (id) => {
    const recipe = recipeOf(id);
    recipe.name = recipe.description = recipe.note = HOSTILE;
    recipe.action.fields = recipe.action.fields.map(({ key }) => ({ key, value: HOSTILE }));
    const page = card(show(recipe)).html;
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toContain('<script');
    expect(page).not.toContain(`"${HOSTILE}`);
  });

  it('draws addresses as links, and only those', () => {
    const drawn = textLines(
      'Mail jane.doe+x@example.com or see https://acme.com/a?b=1&c\nDone',
    ).html;
    expect(drawn.match(/<span class="link">[^<]*<\/span>/g)).toEqual([
      '<span class="link">jane.doe+x@example.com</span>',
      '<span class="link">https://acme.com/a?b=1&amp;c</span>',
    ]);
    expect(drawn.match(/<p>/g)).toHaveLength(2);
  });

  it('tells what is wrong with a recipe that it cannot draw', () => {
    const recipe = recipeOf('slack-fraud-alert');
    recipe.action.fields = [{ key: 'txt', value: 'Hello' }];
    expect(() => show(recipe)).toThrow('slack-fraud-alert: the action has no field txt.');
    recipe.action.event = 'Shout';
    expect(() => show(recipe)).toThrow('slack-fraud-alert: the action Slack Shout is not known.');
  });
});
