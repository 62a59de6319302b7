import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { copyTracked } from '../../scripts/stage.ts';

it('the trigger that CONTRIBUTING.md adds gets into every document by "npm run docs"', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'attro-trigger-'));
  const file = (name: string): string => path.join(folder, name);
  const change = (name: string, before: string, added: string): void => {
    const text = readFileSync(file(name), 'utf8');
    expect(text).toContain(before);
    writeFileSync(file(name), text.replace(before, `${added}\n${before}`));
  };
  try {
    copyTracked(folder, '--others', '--exclude-standard');
    symlinkSync(path.resolve('node_modules'), file('node_modules'), 'dir');
    const guide = readFileSync('CONTRIBUTING.md', 'utf8');
    const [event = '', row = ''] = [...guide.matchAll(/ {3}```ts\n(.*?) {3}```/gs)].map(
      ([, code]) => code,
    );
    change('attro/contract.ts', "  'conversion.created': {", event);
    change('triggers/table.ts', "  {\n    key: 'new_conversion'", row);
    const sample = readFileSync('samples/affiliate.suspended.json', 'utf8');
    writeFileSync(
      file('samples/affiliate.rejected.json'),
      sample.replace(/suspended/g, 'rejected'),
    );

    execFileSync(process.execPath, ['scripts/docs.ts'], { cwd: folder, stdio: 'pipe' });
    const made = (name: string): string => readFileSync(file(name), 'utf8');
    expect(made('attro/openapi.yaml')).toContain('operationId: deliverAffiliateRejected');
    expect(made('docs/reference.md')).toContain('## Affiliate Rejected');
    expect(made('docs/architecture.md')).toContain('The delivery of `affiliate.rejected`');
    expect(made('README.md')).toContain('[Affiliate Rejected]');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
