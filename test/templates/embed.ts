import { readFileSync } from 'node:fs';

/** The example page with the snippet for Attro, and the document that explains it. */
export const EMBED_PAGE = new URL('../../docs/embed/connect-to-zapier.html', import.meta.url);
export const EMBED_DOCUMENT = readFileSync(new URL('README.md', EMBED_PAGE), 'utf8');

/** The integration's own page on Zapier. The last part of its address is given at publication. */
export const INTEGRATION_PAGE = 'https://zapier.com/apps/attro/integrations';

/** The document's row for each attribute of `<zapier-workflow>`: its name, meaning and value in the snippet. */
export const ATTRIBUTE_ROWS = [
  ...EMBED_DOCUMENT.matchAll(/^\| `([\w-]+)` \| (.*?) \| (.*?) \|/gm),
].map(([, name = '', meaning = '', value = '']) => ({ name, meaning, value }));

export const KNOWN_ATTRIBUTES = ATTRIBUTE_ROWS.map(({ name }) => name);
