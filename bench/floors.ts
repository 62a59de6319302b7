import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { TRIGGER_KEY } from './deliveries.ts';
import type { PackedApp } from './references.ts';
import { twinSource } from './twin-source.ts';

/** Apps that show what a warm event costs at the least. */
export type FloorName = 'control' | 'leastWork' | 'fieldsOnCall' | 'triggersOnly';

export const FLOORS: Readonly<Record<FloorName, string>> = {
  control: 'attro itself, its function a no-op: must equal the twin',
  leastWork: 'twin, and one HMAC, one JSON.parse and three calls of z.cache',
  fieldsOnCall: 'twin, its output fields made by a function',
  triggersOnly: 'twin, its input fields too, and no samples',
};

/** What cannot be left out of verifying a delivery, reading it and seeing whether it is new. */
const LEAST_WORK = `
import { createHmac } from 'node:crypto';
import definition from './twin.js';

definition.triggers.${TRIGGER_KEY}.operation.perform = async (z, bundle) => {
  const { content } = bundle.rawRequest;
  createHmac('sha256', bundle.subscribeData.secret).update(content).digest();
  const { data } = JSON.parse(content);
  await z.cache.get(data.id);
  await z.cache.set(data.id, 'claim', 3000, undefined, true);
  await z.cache.get(data.id);
  return [{ id: data.id }];
};
export default definition;
`;

/** The app's own objects, whatever the twin may have lost of them. The query makes it a second copy. */
const CONTROL = `
import definition from '../../dist/index.js?control';

definition.triggers.${TRIGGER_KEY}.operation.perform = async (_z, _bundle) => [{ id: '1' }];
export default definition;
`;

interface Definition {
  triggers: Record<string, { operation: Record<string, unknown> }>;
}

/** Writes the apps as modules, each in a folder of its own. */
export async function writeFloors(
  { attro, twin }: Record<'attro' | 'twin', PackedApp>,
  workFolder: string,
): Promise<Record<FloorName, { folder: string }>> {
  const { default: definition } = (await import(
    pathToFileURL(path.join(twin.folder, 'dist/index.js')).href
  )) as { default: Definition };
  const fields = [(_z: unknown, _bundle: unknown): unknown[] => []];
  const write = async (name: FloorName, files: Record<string, string>, parent = workFolder) => {
    const folder = path.join(parent, name);
    await mkdir(path.join(folder, 'dist'), { recursive: true });
    await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }');
    for (const [file, source] of Object.entries(files)) {
      await writeFile(path.join(folder, 'dist', file), source);
    }
    return { folder };
  };
  return {
    control: await write('control', { 'index.js': CONTROL }, attro.folder),
    leastWork: await write('leastWork', {
      'twin.js': twinSource(definition),
      'index.js': LEAST_WORK,
    }),
    fieldsOnCall: await write('fieldsOnCall', {
      'index.js': twinSource(withOperations(definition, { outputFields: fields })),
    }),
    triggersOnly: await write('triggersOnly', {
      'index.js': twinSource(
        withOperations(definition, {
          outputFields: fields,
          inputFields: fields,
          sample: { id: '1' },
        }),
      ),
    }),
  };
}

/** Changes every trigger's operation; the triggers stay frozen and tagged if they are. */
function withOperations(definition: Definition, change: Record<string, unknown>): Definition {
  const triggers = { ...definition.triggers };
  for (const [key, trigger] of Object.entries(triggers)) {
    triggers[key] = { ...trigger, operation: { ...trigger.operation, ...change } };
  }
  return {
    ...definition,
    triggers: Object.isFrozen(definition.triggers) ? Object.freeze(triggers) : triggers,
  };
}
