import AdmZip from 'adm-zip';
import { createRequire } from 'node:module';

/** What arrived of a version, opened. */
export interface PushedVersion {
  version: string;
  definition: Record<string, unknown>;
  build: AdmZip;
  source: AdmZip;
  isPromoted: boolean;
}

/** What a build must hold for Zapier to run it: what the CLI puts there, whatever the app. */
const ENTRY_FILES = ['zapierwrapper.js', 'definition.json', 'package.json'];

const load = createRequire(import.meta.url);

const { validateAppDefinition } = load('zapier-platform-schema') as {
  validateAppDefinition: (definition: unknown) => {
    errors: { property: string; message: string }[];
  };
};

/** The CLI's own rule for a version, "mirrored" from Zapier's servers. */
const { throwForInvalidVersion } = load('zapier-platform-cli/src/utils/version.js') as {
  throwForInvalidVersion: (version: string) => void;
};

/** Where a definition breaks the platform's schema, by the platform's own package. */
export function schemaErrors(definition: unknown): { property: string; message: string }[] {
  return validateAppDefinition(definition).errors;
}

/**
 * Opens the two zips of a push.
 *
 * @throws what is wrong with them.
 */
export function openPush(
  version: string,
  zips: { zip_file: string; source_zip_file: string },
): PushedVersion {
  throwForInvalidVersion(version);
  const build = openZip(zips.zip_file);
  const source = openZip(zips.source_zip_file);
  const missing = ENTRY_FILES.filter((file) => build.getEntry(file) === null);
  if (missing.length > 0) throw new Error(`The build lacks ${missing.join(', ')}.`);
  const definition = JSON.parse(build.readAsText('definition.json')) as Record<string, unknown>;
  const [broken] = schemaErrors(definition);
  if (broken) throw new Error(`The definition is invalid: ${broken.property} ${broken.message}.`);
  // A snapshot keeps the version of its definition and is known by its label alone.
  if (definition['version'] !== version && !version.startsWith('0.0.0-')) {
    throw new Error(
      `The definition is of version ${String(definition['version'])}, not ${version}.`,
    );
  }
  return { version, definition, build, source, isPromoted: false };
}

function openZip(base64: string): AdmZip {
  try {
    return new AdmZip(Buffer.from(base64, 'base64'));
  } catch {
    throw new Error('A zip cannot be opened.');
  }
}
