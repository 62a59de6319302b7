import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import AdmZip from 'adm-zip';
import { createAppHandler } from '../../local/zapier/platform.ts';
import { TRIGGER_KEY } from './deliveries.ts';

export interface App {
  /** The unpacked build.zip. */
  folder: string;
  /** The size of build.zip in bytes. */
  zipSize: number;
}

/** What shows where the floors of a warm event are, and that the twin is one. */
export const FLOORS = {
  twin: 'twin: the definition alone, with functions that do nothing',
  calling: 'twin, and one call of the cache',
  leastWork: 'twin, and one HMAC, one JSON.parse and one call of the cache',
  control: 'attro itself, its function a no-op: must equal the twin',
};

/** `bare` is the least that Zapier runs: one hook that does nothing. */
export type AppName = 'attro' | 'bare' | keyof typeof FLOORS;

type Definition = Record<'version' | 'platformVersion', string> & {
  triggers: Record<typeof TRIGGER_KEY, Record<'key' | 'noun' | 'display', unknown>>;
};

const CALL = `await z.cache.set(
  bundle.rawRequest.headers['Http-X-Attro-Signature'], { run: 'run' }, 3000, undefined, true);`;
const LEAST_WORK = `const { content } = bundle.rawRequest;
  createHmac('sha256', bundle.subscribeData.secret).update(content).digest();
  JSON.parse(content);
  ${CALL}`;

const onHook = (work: string): string => `definition.triggers.${TRIGGER_KEY}.operation.perform =
  async (z, bundle) => { ${work} return [{ id: '1' }]; };`;

/** Makes each app of the integration's build.zip, by putting another bundle into it. */
export async function makeApps(zipFile: string, folder: string): Promise<Record<AppName, App>> {
  const zip = new AdmZip(zipFile);
  const { size } = await stat(zipFile);
  /** As the Zapier CLI compresses. */
  const growth = (file: string, content: string): number =>
    deflateRawSync(content, { level: 9 }).length -
    (zip.getEntry(file)?.header.compressedSize ?? NaN);
  const make = async (name: string, source: string) => {
    const own = path.join(folder, name);
    const file = path.join(own, 'dist/index.js');
    zip.extractAllTo(own, true);
    await writeFile(file, source);
    const { default: definition } = (await import(pathToFileURL(file).href)) as {
      default: Definition;
    };
    const handler = createAppHandler(definition);
    const { results } = await handler({ command: 'definition', calledFromCli: true });
    const json = JSON.stringify(results, null, 2);
    const zipSize = size + growth('dist/index.js', source) + growth('definition.json', json);
    return { folder: own, zipSize, definition };
  };

  // A twin is of the definition in the zip, whatever has been built since.
  const { definition, ...attro } = await make('attro', zip.readAsText('dist/index.js'));
  const { key, noun, display } = definition.triggers[TRIGGER_KEY];
  const operation = { type: 'hook', perform: (_z: unknown, _bundle: unknown) => [] };
  const triggers = { [TRIGGER_KEY]: { key, noun, display, operation } };
  const { version, platformVersion } = definition;
  const sources = {
    bare: moduleOf({ version, platformVersion, triggers }),
    twin: moduleOf(definition),
    calling: moduleOf(definition, onHook(CALL)),
    leastWork: moduleOf(definition, onHook(LEAST_WORK)),
    // The app's own objects, whatever the twin may have lost of them. The query makes it a second copy.
    control: `import definition from '../../attro/dist/index.js?control';
      ${onHook('')} export default definition;`,
  };
  const apps: Record<string, App> = { attro };
  for (const [name, source] of Object.entries(sources)) apps[name] = await make(name, source);
  return apps;
}

/** Writes a definition as a module that has none of the code behind it. */
function moduleOf(definition: unknown, change = ''): string {
  return `import { createHmac } from 'node:crypto';
class Frozen { constructor(part) { Object.assign(this, part); Object.freeze(this); } }
const definition = ${literalOf(definition)};
${change}
export default definition;`;
}

/**
 * Writes a value of a definition, a function as a no-op of as many parameters that answers with one record.
 * What is frozen or bears a tag does so in the twin, since the platform treats it differently from others.
 *
 * @throws for anything else that a literal would lose: a twin without it would not be one.
 */
function literalOf(value: unknown): string {
  if (typeof value === 'function') {
    const parameters = Array.from({ length: value.length }, (_, index) => `_${index}`);
    return `async (${parameters.join(', ')}) => [{ id: '1' }]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const freeze = Object.isFrozen(value) ? 'Object.freeze' : '';
  if (Array.isArray(value)) return `${freeze}([${value.map(literalOf).join(', ')}])`;
  const entries = Reflect.ownKeys(value).map((key) => {
    if (typeof key === 'symbol' && key !== Symbol.toStringTag) {
      throw new Error(`The definition uses ${String(key)}, which its twin cannot be given.`);
    }
    const name = typeof key === 'symbol' ? '[Symbol.toStringTag]' : JSON.stringify(key);
    return `${name}: ${literalOf(Reflect.get(value, key))}`;
  });
  const isOfClass = Object.getPrototypeOf(value) !== Object.prototype;
  return `${isOfClass ? 'new Frozen' : freeze}({ ${entries.join(', ')} })`;
}
