import { rm } from 'node:fs/promises';
import { build } from 'esbuild';

/**
 * Bundles the app into dist/index.js for Zapier's Node 22. zapier-platform-core stays outside, as
 * Zapier's wrapper imports it too; everything else, zod included, goes in. Names and line breaks are
 * kept, so that a stack trace in Zapier's log can be read.
 */
await rm('dist', { recursive: true, force: true });
await build({
  entryPoints: ['index.ts'],
  outfile: 'dist/index.js',
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  external: ['zapier-platform-core'],
  legalComments: 'none',
  logLevel: 'warning',
});
