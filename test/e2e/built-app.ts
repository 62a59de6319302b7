import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Has something done with the folder of an app of one's own, as the build makes it.
 *
 * @param source the app as a module's source; `built` is the built app's definition in it.
 */
export async function withApp<T>(source: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'app-'));
  const built = pathToFileURL(path.resolve('dist/index.js')).href;
  mkdirSync(path.join(folder, 'dist'));
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(
    path.join(folder, 'dist/index.js'),
    `import built from ${JSON.stringify(built)};\n${source}`,
  );
  return use(folder).finally(() => {
    rmSync(folder, { recursive: true });
  });
}
