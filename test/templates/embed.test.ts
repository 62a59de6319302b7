import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import prettier from 'prettier';
import {
  ATTRIBUTE_ROWS,
  EMBED_DOCUMENT,
  EMBED_PAGE,
  INTEGRATION_PAGE,
  KNOWN_ATTRIBUTES,
} from './embed.ts';

const page = readFileSync(EMBED_PAGE, 'utf8');

/** What is to be copied from the page: one part for the head, one for the body. */
const [head = '', body = ''] = ['head', 'body'].map(
  (part) => new RegExp(`<!-- copy ${part} -->(.*)<!-- end ${part} -->`, 's').exec(page)?.[1],
);
const element = /<zapier-workflow\b([^>]*)>/.exec(body)?.[1] ?? '';
const attributes = [...element.matchAll(/([\w-]+)="([^"]*)"/g)].map(
  ([, name = '', value = '']) => [name, value] as const,
);

describe('the snippet for Attro', () => {
  it('is whole HTML', async () => {
    await expect(prettier.format(`${head}\n${body}`, { parser: 'html' })).resolves.toContain(
      '</zapier-workflow>',
    );
    expect(element.replace(/[\w-]+="[^"]*"/g, '').trim()).toBe('');
  });

  it('uses only attributes that its document knows, with the values that it names', () => {
    expect(KNOWN_ATTRIBUTES).toHaveLength(10);
    expect(attributes.map(([name]) => name)).toContain('client-id');
    const used = ATTRIBUTE_ROWS.filter(({ value }) => value !== 'not used');
    expect(attributes).toEqual(used.map(({ name, value }) => [name, value.replaceAll('`', '')]));
    for (const { meaning, value } of used) {
      if (meaning.includes('`')) expect(meaning).toContain(value);
    }
  });

  it('has nobody’s own values in it, but the placeholders that Attro replaces', () => {
    const own = attributes.filter(([name]) => /^(client-id|sign-up)/.test(name));
    expect(own).toHaveLength(4);
    for (const [, value] of own) expect(value).toMatch(/^YOUR_|_of_your_user/);
    expect(`${head}${body}`).not.toMatch(/secret/i);
  });

  it('loads and links over HTTPS only', () => {
    const addresses = [...`${head}\n${body}`.matchAll(/\b(?:src|href)="([^"]*)"/g)];
    expect(addresses.length).toBeGreaterThanOrEqual(3);
    for (const [, address] of addresses) expect(address).toMatch(/^https:\/\//);
    expect(page).not.toContain('http://');
  });

  it('runs no script of its own, so that a strict policy lets it', () => {
    const scripts = `${head}\n${body}`.match(/<script\b[^>]*>[\s\S]*?<\/script>/g);
    expect(scripts).toEqual([
      expect.stringMatching(/^<script\b[^>]* src="https:[^>]*>\s*<\/script>$/),
    ]);
    expect(body).not.toMatch(/\son\w+=/);
  });

  it('leads to the integration’s page by a link of its own, which needs no element', () => {
    expect(body).toMatch(
      new RegExp(`<a\\s[^>]*href="${INTEGRATION_PAGE}"[^>]*>Connect to Zapier</a\\s*>`),
    );
    expect(EMBED_DOCUMENT).toContain(INTEGRATION_PAGE);
  });

  it('gets by the policy that the document gives, which the example page has too', () => {
    const policy = /```text\n(.*)\n```/.exec(EMBED_DOCUMENT)?.[1] ?? '';
    expect(page).toContain(`content="${policy}"`);
    const directives = policy.split('; ').map((line) => line.split(' '));
    const allowed = new Map(directives.map(([name, ...sources]) => [name, sources]));
    const origin = (address: string | undefined): string => new URL(address ?? '').origin;
    expect(allowed.get('script-src')).toContain(
      origin(/<script[^>]*src="([^"]*)"/.exec(head)?.[1]),
    );
    expect(allowed.get('style-src')).toContain(origin(/<link[^>]*href="([^"]*)"/.exec(head)?.[1]));
    expect(allowed.get('script-src')).not.toContain("'unsafe-inline'");
    expect(allowed.get('script-src')).not.toContain("'unsafe-eval'");
  });
});
