import { readFile, rm } from 'node:fs/promises';
import { build, type Plugin } from 'esbuild';
import { RECORD_SAMPLES, SAMPLES } from '../output/samples.ts';

/** Of package.json only the version goes into the bundle: the rest is nobody's business there. */
const versionOnly: Plugin = {
  name: 'version-only',
  setup: (build) => {
    build.onLoad({ filter: /[\\/]package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string };
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

/** Runs output/samples.ts now and bundles what it makes, so that it need not run at every start. */
const readySamples: Plugin = {
  name: 'ready-samples',
  setup: (build) => {
    build.onLoad({ filter: /[\\/]output[\\/]samples\.ts$/ }, () => ({
      contents: Object.entries({ SAMPLES, RECORD_SAMPLES })
        .map(([name, samples]) => `export const ${name} = ${JSON.stringify(samples)};`)
        .join('\n'),
      loader: 'js',
    }));
  },
};

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
  // Staged, the packages are a link: followed, it would put this machine's paths into the bundle.
  preserveSymlinks: true,
  logLevel: 'warning',
  plugins: [versionOnly, readySamples],
});
