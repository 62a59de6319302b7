import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import packageJson from '../../package.json' with { type: 'json' };
import { productionPackages } from '../../scripts/stage.ts';

/** What may be installed, and what of it runs on Zapier. */

interface Row {
  dev?: boolean;
  integrity?: string;
  license?: string;
  hasInstallScript?: boolean;
  dependencies?: Record<string, string>;
}

/** Licences of what runs on Zapier. */
const ALLOWED_ON_ZAPIER = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

/** Licences of what only develops and tests it, and reaches no user. */
const ALLOWED_IN_DEVELOPMENT = [
  ...ALLOWED_ON_ZAPIER,
  'Artistic-2.0',
  'BlueOak-1.0.0',
  'CC-BY-3.0',
  'CC-BY-4.0',
  'CC0-1.0',
  'MPL-2.0',
  'Python-2.0',
];

/** Packages that name no licence by its identifier, with what reading them showed. */
const READ_BY_A_PERSON: Readonly<Record<string, string>> = {
  'zapier-platform-cli': "Zapier's own: under the Zapier Platform Agreement",
  'zapier-platform-core': "Zapier's own: under the Zapier Platform Agreement",
  'zapier-platform-schema': "Zapier's own: under the Zapier Platform Agreement",
  'json-metaschema': 'public domain, by its package.json',
  'urlsafe-base64': 'MIT, by its README',
  'cli-table': 'MIT, by its LICENSE',
  'fly-import': 'MIT, by its README',
  'which-package-manager': 'MIT, by its README',
};

/** Tells whether an SPDX expression of one level can be satisfied from a list. */
function isAllowed(expression: string, allowed: readonly string[]): boolean {
  const bare = expression.replace(/^\(|\)$/g, '');
  return bare.includes(' OR ')
    ? bare.split(' OR ').some((license) => allowed.includes(license))
    : bare.split(' AND ').every((license) => allowed.includes(license));
}

const nameOf = (path: string): string => path.split('node_modules/').at(-1) ?? '';

/** What everybody installs, and what only mutation tests need. */
const FOLDERS = ['.', '.github/mutation'];

describe.each(FOLDERS)('the packages of %s', (folder) => {
  const { dependencies, devDependencies, overrides } = JSON.parse(
    readFileSync(`${folder}/package.json`, 'utf8'),
  ) as Record<string, Record<string, string>>;
  const lockfile = readFileSync(`${folder}/package-lock.json`, 'utf8');
  const { packages } = JSON.parse(lockfile) as { packages: Record<string, Row> };
  const rows = Object.entries(packages).filter(([path]) => path !== '');

  it('are pinned to one version, the overrides too', () => {
    const pinned = Object.entries({ ...dependencies, ...devDependencies, ...overrides });
    for (const [name, version] of pinned) expect(`${name}@${version}`).toMatch(/@\d+\.\d+\.\d+$/);
  });

  it('have no address of a download server in the lockfile, and a digest each', () => {
    expect(lockfile).not.toContain('"resolved"');
    expect(lockfile).not.toMatch(/\.tgz"/);
    expect(rows.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([]);
  });

  it('have no licence that is not allowed', () => {
    const others = rows.filter(([path, { dev, license = '' }]) => {
      const allowed = dev ? ALLOWED_IN_DEVELOPMENT : ALLOWED_ON_ZAPIER;
      return !isAllowed(license, allowed) && !(nameOf(path) in READ_BY_A_PERSON);
    });
    expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
  });

  it('run no script on being installed that nobody has decided about', () => {
    const decided = folder === '.' ? Object.keys(packageJson.allowScripts) : [];
    const withScripts = rows
      .filter(([, row]) => row.hasInstallScript)
      .map(([path]) => nameOf(path));
    expect(withScripts.filter((name) => !decided.includes(name))).toEqual([]);
  });
});

it('only Node itself may run a script on being installed', () => {
  const allowed = Object.entries(packageJson.allowScripts).filter(([, may]) => may);
  expect(allowed).toEqual([['node', true]]);
});

describe('what runs on Zapier', () => {
  it('is zapier-platform-core and what it brings, and nothing else', () => {
    expect(Object.keys(packageJson.dependencies)).toEqual(['zapier-platform-core']);
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, Row>;
    };
    const brought = new Set<string>();
    const visit = (folder: string): void => {
      if (brought.has(folder)) return;
      brought.add(folder);
      for (const name of Object.keys(packages[folder]?.dependencies ?? {})) {
        visit(resolve(packages, folder, name));
      }
    };
    visit('node_modules/zapier-platform-core');
    expect(productionPackages().sort()).toEqual([...brought].sort());
  });
});

/** Where a package finds another one: as deep as it is, or in a folder above. */
function resolve(packages: Record<string, Row>, from: string, name: string): string {
  const nested = `${from}/node_modules/${name}`;
  if (nested in packages) return nested;
  const above = from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/')));
  if (above) return resolve(packages, above, name);
  return `node_modules/${name}`;
}

it('the licence of the project is the one of LICENSE', () => {
  expect(packageJson.license).toBe('MIT');
  expect(readFileSync('LICENSE', 'utf8')).toMatch(
    /^MIT License\n\nCopyright \(c\) \d{4} Attro for Zapier contributors\n/,
  );
});
