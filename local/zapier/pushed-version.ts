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

/** The CLI's own rule for a version (its utils/version.js, "mirrored" from Zapier's servers). */
const VERSION =
  /^(?:0|[1-9]\d{0,2})\.(?:0|[1-9]\d{0,2})\.(?:0|[1-9]\d{0,2})(?:-(?=.{1,12}$)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*)?$/;

const { validateAppDefinition } = createRequire(import.meta.url)('zapier-platform-schema') as {
  validateAppDefinition: (definition: unknown) => {
    errors: { property: string; message: string }[];
  };
};

/** Where a definition breaks the platform's schema, by the platform's own package. */
export function schemaErrors(definition: unknown): { property: string; message: string }[] {
  return validateAppDefinition(definition).errors;
}

/**
 * Opens the two zips of a push.
 *
 * @returns what is wrong with them as a sentence, where something is.
 */
export function openPush(
  version: string,
  zips: { zip_file: string; source_zip_file: string },
): Pick<PushedVersion, 'definition' | 'build' | 'source'> | string {
  if (!VERSION.test(version)) return `${version} is not a version.`;
  const build = openZip(zips.zip_file);
  const source = openZip(zips.source_zip_file);
  if (!build || !source) return 'A zip cannot be opened.';
  const missing = ENTRY_FILES.filter((file) => build.getEntry(file) === null);
  if (missing.length > 0) return `The build lacks ${missing.join(', ')}.`;
  const definition = JSON.parse(build.readAsText('definition.json')) as Record<string, unknown>;
  const [broken] = schemaErrors(definition);
  if (broken) return `The definition is invalid: ${broken.property} ${broken.message}.`;
  // A snapshot keeps the version of its definition and is known by its label alone.
  if (definition['version'] !== version && !version.startsWith('0.0.0-')) {
    return `The definition is of version ${String(definition['version'])}, not ${version}.`;
  }
  return { definition, build, source };
}

function openZip(base64: string): AdmZip | null {
  try {
    return new AdmZip(Buffer.from(base64, 'base64'));
  } catch {
    return null;
  }
}
