import { median } from 'simple-statistics';
import type { Series } from './report.ts';

const NAMES = ['attro', 'bare', 'twin', 'twin that calls the cache'];
const WIDTH = 240;

/** Colours that can be read on a light page, and on a dark one where the reader prefers that. */
const STYLE = `
text { font: 13px system-ui, sans-serif; fill: #1f2328 } .title { font-weight: 600 }
.bar0 { fill: #0969da } .bar1 { fill: #818b98 } .bar2, .bar3 { fill: #bf8700 }
@media (prefers-color-scheme: dark) { text { fill: #f0f6fc } .bar0 { fill: #4493f8 } .bar1 { fill: #9198a1 } }
`;

/** Draws the medians of attro, bare, twin and a calling twin as bars, a panel for each measure, as an SVG. */
export function drawBars(panels: Readonly<Record<string, readonly Series[]>>): string {
  const drawn = Object.entries(panels).map(([title, apps], panel) => {
    const medians = apps.map((series) => median([...series]));
    const bars = medians.map((value, bar) => {
      const width = ((value / Math.max(...medians)) * WIDTH).toFixed(0);
      const y = 58 + bar * 38;
      return `<text y="${y}">${NAMES[bar]}: ${value.toFixed(0)}</text>
<rect class="bar${bar}" y="${y + 6}" width="${width}" height="10" rx="2"/>`;
    });
    const at = 10 + panel * (WIDTH + 40);
    return [`<g transform="translate(${at})"><text class="title" y="26">${title}</text>`, ...bars];
  });
  const viewBox = `0 0 ${drawn.length * (WIDTH + 40)} 200`;
  const label = `${Object.keys(panels).join(', ')}: attro beside a bare app and its twin`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${viewBox}" role="img" aria-label="${label}">
<style>${STYLE}</style>
${drawn.map((panel) => [...panel, '</g>'].join('\n')).join('\n')}
</svg>
`;
}
