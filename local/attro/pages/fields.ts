import { html, type Html } from '../../html.ts';
import type { ErrorDetail } from '../error-answers.ts';

/** How a field is named and explained, by the name under which it is sent. */
export type FieldTexts = Readonly<Record<string, { label: string; hint: string }>>;

/** Draws the fields of a form, each with what is wrong with it. */
export interface FieldDrawer {
  /** All that is wrong, as links to the fields; it has the focus when the page is opened. */
  summary: Html | string;
  /** What is told about a field: what it takes, and what is wrong. */
  notes: (name: string) => Html;
  /** @param control is given the attributes that tie it to its label and notes. */
  field: (name: string, control: (attributes: Html) => Html) => Html;
  /** Several boxes to be ticked under one name. The first one has the name as its id. */
  choices: (name: string, values: readonly string[], chosen: readonly string[]) => Html;
}

/** @param details what is wrong, as the API tells it: the first part of a path names the field. */
export function createFieldDrawer(
  texts: FieldTexts,
  details: readonly ErrorDetail[] = [],
): FieldDrawer {
  const labelOf = (name: string): string => texts[name]?.label ?? name;
  const wrongOf = (name: string): string =>
    details.flatMap(({ path, message }) => (path[0] === name ? [message] : [])).join('; ');
  const items = details.map(({ path: [part = ''], message }) => {
    const name = String(part);
    return html`<li><a href="#${name}">${labelOf(name)}</a>: ${message}</li>`;
  });
  const notes = (name: string): Html =>
    html`<p class="hint" id="${name}-hint">${texts[name]?.hint ?? ''}</p>
      ${wrongOf(name) && html`<p class="wrong" id="${name}-wrong">${wrongOf(name)}</p>`}`;
  const described = (name: string): Html =>
    html`aria-describedby="${name}-hint${wrongOf(name) && ` ${name}-wrong`}"`;

  return {
    summary:
      items.length === 0
        ? ''
        : html`<div class="note bad" role="alert" tabindex="-1" autofocus>
            <h2>This has to be corrected</h2>
            <ul>
              ${items}
            </ul>
          </div>`,
    notes,
    field(name, control) {
      const invalid = wrongOf(name) && html`aria-invalid="true"`;
      return html`<div class="field">
        <label for="${name}">${labelOf(name)}</label>
        ${notes(name)} ${control(html`id="${name}" name="${name}" ${described(name)} ${invalid}`)}
      </div>`;
    },
    choices(name, values, chosen) {
      const boxes = values.map((value, index) => {
        const id = index === 0 ? html`id="${name}"` : '';
        const checked = chosen.includes(value) ? html`checked` : '';
        return html`<label>
          <input type="checkbox" name="${name}" value="${value}" ${id} ${checked} /> ${value}
        </label>`;
      });
      return html`<fieldset ${described(name)}>
        <legend>${labelOf(name)}</legend>
        ${notes(name)}
        <div class="choices">${boxes}</div>
      </fieldset>`;
    },
  };
}
