import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { escapeHtml, html } from '../../local/html.ts';
import { isLeftEmpty } from '../../templates/actions.ts';
import { card } from '../../templates/gallery/page.ts';
import { show } from '../../templates/gallery/shown.ts';
import { textLines } from '../../templates/gallery/views.ts';
import { outputLabel } from '../../templates/gallery/words.ts';
import { placeholdersOf } from '../../templates/render.ts';
import { triggerOf } from '../../templates/trigger.ts';
import { recipeOf, RECIPES } from './sets.ts';

const HOSTILE = `"><script>alert('1')</script>&amp;`;
const HARMLESS = '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;';

describe('docs/templates.md', () => {
  const text = readFileSync('docs/templates.md', 'utf8');

  it.each(RECIPES.map((recipe) => [recipe.id, recipe] as const))(
    'holds all that has to be typed into Zapier for %s',
    (_id, recipe) => {
      const section = text.split(`### ${recipe.name}\n`)[1]?.split('\n##')[0] ?? '';
      expect(section).toContain(`(gallery/${recipe.id}.png)`);
      expect(section).toContain(`**Title:** ${recipe.title}\n`);
      expect(section).toContain(recipe.description);
      if (recipe.note) expect(section).toContain(`\\*Note: ${recipe.note}\\*`);
      const { app, label } = triggerOf(recipe);
      expect(section).toContain(`**When** ${app}: ${label}, with `);
      if (recipe.filter) expect(section).toContain(recipe.filter.condition);
      for (const { app, event, fields } of show(recipe).steps) {
        expect(section).toContain(`**Then** ${app}: ${event}\n`);
        for (const { own = false, label, ownName, choices, template, value } of fields) {
          const line = section.split(`  - **${ownName ?? label}**`)[1];
          if (isLeftEmpty({ own }, template)) expect(line).toMatch(/^: left empty/);
          else if (choices?.[template])
            expect(line?.startsWith(`: choose **${value}**`)).toBe(true);
          else expect(line).toContain(template.split('\n').join('\n    '));
          for (const key of placeholdersOf(template))
            expect(section).toContain(`\`{{${key}}}\` **${outputLabel(recipe, key)}**`);
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
    for (const key of Object.keys(recipe.action.fields)) recipe.action.fields[key] = HOSTILE;
    const page = card(show(recipe), undefined).html;
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
    recipe.action.fields = { txt: 'Hello' };
    expect(() => show(recipe)).toThrow('slack-fraud-alert: the action has no field txt.');
    recipe.action.event = 'Shout';
    expect(() => show(recipe)).toThrow('slack-fraud-alert: the action Slack Shout is not known.');
  });
});
