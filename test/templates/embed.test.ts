import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import prettier from 'prettier';
import {
  cspLine,
  EMBED_ATTRIBUTES,
  EMBED_CSP,
  EMBED_PLACEHOLDERS,
  INTEGRATION_PAGE,
  snippetParts,
} from '../../templates/embed.ts';
import { EMBED_PAGE, ROOT } from '../../templates/gallery/files.ts';

const page = readFileSync(EMBED_PAGE, 'utf8');
const { head, body } = snippetParts(page);
const element = /<zapier-workflow\b([^>]*)>/.exec(body)?.[1] ?? '';
const attributes = Object.fromEntries(
  [...element.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name ?? '', value ?? '']),
);

describe('the snippet for Attro', () => {
  it('is whole HTML', async () => {
    await expect(prettier.format(`${head}\n${body}`, { parser: 'html' })).resolves.toContain(
      '</zapier-workflow>',
    );
    expect(element.replace(/[\w-]+="[^"]*"/g, '').trim()).toBe('');
  });

  it('uses only attributes that are known, with values that they may have', () => {
    expect(Object.keys(attributes)).toContain('client-id');
    for (const [name, value] of Object.entries(attributes)) {
      expect(Object.keys(EMBED_ATTRIBUTES)).toContain(name);
      const { values } = EMBED_ATTRIBUTES[name] ?? {};
      if (values) expect(values).toContain(value);
    }
  });

  it('has nobody’s own values in it, but the placeholders that Attro replaces', () => {
    for (const [name, placeholder] of Object.entries(EMBED_PLACEHOLDERS))
      expect([name, attributes[name]]).toEqual([name, placeholder]);
    expect(`${head}${body}`).not.toMatch(/secret/i);
  });

  it('loads and links over HTTPS only', () => {
    const addresses = [...`${head}\n${body}`.matchAll(/\b(?:src|href)="([^"]*)"/g)];
    expect(addresses.length).toBeGreaterThanOrEqual(3);
    for (const [, address] of addresses) expect(address).toMatch(/^https:\/\//);
    expect(page).not.toContain('http://');
  });

  it('runs no script of its own, so that a strict policy lets it', () => {
    const scripts = [...`${head}\n${body}`.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)];
    expect(scripts).toHaveLength(1);
    for (const [, start = '', content = ''] of scripts) {
      expect(start).toContain('src="https://');
      expect(content.trim()).toBe('');
    }
    expect(body).not.toMatch(/\son\w+=/);
  });

  it('leads to the integration’s page by a link of its own, which needs no element', () => {
    expect(body).toMatch(
      new RegExp(`<a\\s[^>]*href="${INTEGRATION_PAGE}"[^>]*>Connect to Zapier</a\\s*>`),
    );
  });

  it('gets by the policy that the document gives, which the example page has too', () => {
    const line = cspLine(EMBED_CSP);
    expect(page).toContain(`content="${line}"`);
    expect(readFileSync(new URL('docs/publishing-templates.md', ROOT), 'utf8')).toContain(
      `\`\`\`text\n${line}\n\`\`\``,
    );
    const allowed = (directive: string): readonly string[] => EMBED_CSP[directive] ?? [];
    const origin = (address: string | undefined): string => new URL(address ?? '').origin;
    expect(allowed('script-src')).toContain(origin(/<script[^>]*src="([^"]*)"/.exec(head)?.[1]));
    expect(allowed('style-src')).toContain(origin(/<link[^>]*href="([^"]*)"/.exec(head)?.[1]));
    expect(allowed('script-src')).not.toContain("'unsafe-inline'");
    expect(allowed('script-src')).not.toContain("'unsafe-eval'");
  });

  it('is marked in the example page, or cannot be taken from it', () => {
    expect(() => snippetParts(page.replace('<!-- end body -->', ''))).toThrow(
      'The example page does not mark its body.',
    );
  });
});
