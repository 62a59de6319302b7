import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, URL } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { EVENT_NAMES } from '../../attro/contract.ts';
import { deliverySamples, requestSamples, type CodeSample } from './code-samples.ts';
import { exampleRequest, METHODS, type Description } from './example-requests.ts';

const PROJECT = new URL('../../', import.meta.url);

const fileOf = (name: string): string => fileURLToPath(new URL(name, PROJECT));

/** The renderer, Redoc, comes with the linter that attro/openapi.yaml is held to. */
const REDOCLY = 'node_modules/@redocly/cli/';

/** What the page's corner would fetch from Redoc's makers. */
const LOGO = /https:\/\/cdn\.redoc\.ly\/redoc\/logo-mini(?:-full)?\.svg/g;

/** The maker's name instead. */
const LOGO_TEXT =
  'data:image/svg+xml,' +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" width="42" height="14"><text y="11" font-family="sans-serif" ' +
      'font-size="11" fill="#7a7a8a">Redocly</text></svg>',
  );

/**
 * A page for people of a text of attro/openapi.yaml: with code examples, and with what is published told
 * from what is assumed. It is one file that asks no host for anything, and the same bytes wherever it is
 * made.
 */
export async function apiPage(text: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'attro-api-page-'));
  try {
    const description = path.join(folder, 'openapi.json');
    const page = path.join(folder, 'api.html');
    await writeFile(description, JSON.stringify(await forReaders(parse(text) as Description)));
    await promisify(execFile)(
      process.execPath,
      [
        fileOf(`${REDOCLY}bin/cli.js`),
        ...['build-docs', description, '--output', page, '--inlineBundle'],
        ...['--config', fileOf('redocly.yaml')],
        ...['--template', fileOf('scripts/api-page/template.html')],
      ],
      {
        env: {
          ...process.env,
          REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
          NODE_DISABLE_COMPILE_CACHE: '1',
        },
      },
    );
    const made = (await readFile(page, 'utf8')).replace(LOGO, LOGO_TEXT);
    const licence = await readFile(fileOf(`${REDOCLY}LICENSE`), 'utf8');
    return made.replace('<head>', () => `<head>\n<!-- Holds Redoc.\n\n${licence.trim()}\n-->`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The description with what the renderer shows of it beside the standard: badges and code examples. */
async function forReaders(description: Description): Promise<unknown> {
  const marked = withBadges(description) as Description;
  for (const [place, item] of Object.entries(marked.paths)) {
    for (const method of METHODS.filter((each) => each in item)) {
      const samples = await requestSamples(exampleRequest(description, place, method));
      Object.assign(item[method] ?? {}, { 'x-codeSamples': samples });
    }
  }
  const delivery = description.webhooks[EVENT_NAMES[0] ?? '']?.post.requestBody?.content;
  const samples = await deliverySamples(delivery?.['application/json']?.example ?? {});
  return {
    ...marked,
    // The renderer has no place for the code of a webhook.
    tags: marked.tags.map(({ name, description }) => ({
      name,
      description: name === 'Deliveries' ? `${description}\n\n${asMarkdown(samples)}` : description,
    })),
  };
}

function asMarkdown(samples: readonly CodeSample[]): string {
  return samples
    .map(
      ({ label, lang, source }) => `### ${label}\n\n\`\`\`${lang.toLowerCase()}\n${source}\n\`\`\``,
    )
    .join('\n\n');
}

const BADGES = {
  true: { name: 'Published', color: 'green' },
  false: { name: 'Assumed', color: 'orange' },
};

/** A copy in which everything that is marked has a badge, and its source behind its description. */
function withBadges(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withBadges);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      // A server's description is shown as it is written.
      key === 'servers' ? inner : withBadges(inner),
    ]),
  );
  const isPublished = copy['x-attro-published'];
  if (typeof isPublished !== 'boolean') return copy;
  const said = [copy['description'], `*${String(copy['x-attro-source'])}*`].filter(Boolean);
  return {
    ...copy,
    description: said.join('\n\n'),
    'x-badges': [BADGES[`${isPublished}`]],
  };
}
