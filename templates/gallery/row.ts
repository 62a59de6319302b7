import { html, type Html } from '../../local/html.ts';
import { otherFields, partOf, type Shown } from './shown.ts';

/** A sheet with its header row and the row that was added. */
export function rowView(shown: Shown): Html {
  const cells = otherFields(shown);
  const letter = (index: number): string => String.fromCharCode('A'.charCodeAt(0) + index);
  const isNumber = (value: string): boolean => value !== '' && Number.isFinite(Number(value));
  return html`<div class="window row">
    <p class="bar"><span class="grid" aria-hidden="true"></span>${partOf(shown, 'place')}</p>
    <div class="sheet" role="group" tabindex="0" aria-label="Sheet, scrolls sideways">
      <table>
        <thead>
          <tr>
            <td></td>
            ${cells.map((_cell, index) => html`<th scope="col">${letter(index)}</th>`)}
          </tr>
        </thead>
        <tbody>
          <tr class="header">
            <th scope="row">1</th>
            ${cells.map(({ caption }) => html`<td>${caption}</td>`)}
          </tr>
          <tr>
            <th scope="row">2</th>
            ${cells.map(({ value }) => html`<td class="${isNumber(value) ? 'number' : 'text'}">${value}</td>`)}
          </tr>
          <tr>
            <th scope="row">3</th>
            ${cells.map(() => html`<td></td>`)}
          </tr>
        </tbody>
      </table>
    </div>
    <p class="tabs"><span>${partOf(shown, 'tab')}</span></p>
  </div>`;
}
