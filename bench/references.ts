import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { TRIGGER_KEY } from './deliveries.ts';
import { twinSource } from './twin-source.ts';
import { unpackZip } from './unpack-zip.ts';

const run = promisify(execFile);

export type AppName = 'attro' | 'bare' | 'twin';

/** An app as Zapier gets it. */
export interface PackedApp {
  name: AppName;
  /** The unpacked build.zip. */
  folder: string;
  /** The size of build.zip in bytes. */
  zipSize: number;
}

/**
 * Makes the two apps that the integration is measured against, with the integration's own scripts, and
 * unpacks all three.
 *
 * @param project the integration, packaged already.
 * @param workFolder where everything is put.
 */
export async function packApps(
  project: string,
  workFolder: string,
): Promise<Record<AppName, PackedApp>> {
  const unpack = async (name: AppName, source: string): Promise<PackedApp> => {
    const zip = path.join(source, 'build/build.zip');
    const folder = path.join(workFolder, name);
    unpackZip(zip, folder);
    return { name, folder, zipSize: (await stat(zip)).size };
  };
  const attro = await unpack('attro', project);
  // Of the zip itself, so that the twin is of what is measured, whatever has been built since.
  const bundle = path.join(attro.folder, 'dist/index.js');
  const { default: definition } = (await import(pathToFileURL(bundle).href)) as {
    default: { version: string; platformVersion: string };
  };
  const pack = async (name: 'bare' | 'twin', source: string): Promise<PackedApp> => {
    const folder = path.join(workFolder, `${name}-project`);
    await packReference(project, folder, name, source);
    return unpack(name, folder);
  };
  return {
    attro,
    bare: await pack('bare', bareSource(definition)),
    twin: await pack('twin', twinSource(definition)),
  };
}

/** The least that Zapier runs: one hook that does nothing. */
function bareSource({ version, platformVersion }: Record<'version' | 'platformVersion', string>) {
  return twinSource({
    version,
    platformVersion,
    triggers: {
      [TRIGGER_KEY]: {
        key: TRIGGER_KEY,
        noun: 'Conversion',
        display: {
          label: 'New Conversion',
          description: 'Triggers when a conversion is recorded.',
        },
        operation: { type: 'hook', perform: (_z: unknown, _bundle: unknown) => [] },
      },
    },
  });
}

async function packReference(
  project: string,
  folder: string,
  name: AppName,
  source: string,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const packageJson = JSON.parse(await readFile(path.join(project, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const files = {
    'index.ts': source,
    'package.json': JSON.stringify({
      name,
      version: '1.0.0',
      private: true,
      type: 'module',
      exports: './dist/index.js',
      dependencies: packageJson.dependencies,
    }),
    '.zapierapprc': '{}',
    '.gitignore': 'node_modules\ndist\nbuild\n',
  };
  for (const [file, content] of Object.entries(files)) {
    await writeFile(path.join(folder, file), content);
  }
  await copyFile(path.join(project, 'package-lock.json'), path.join(folder, 'package-lock.json'));
  await symlink(path.join(project, 'node_modules'), path.join(folder, 'node_modules'));
  // The packaging asks git which files are the project's.
  await run('git', ['init', '--quiet'], { cwd: folder });
  for (const script of ['build.ts', 'package.ts']) {
    const scriptFile = fileURLToPath(new URL(`../scripts/${script}`, import.meta.url));
    await run(process.execPath, [scriptFile], { cwd: folder });
  }
}
