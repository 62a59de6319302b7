import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ReleaseFailure } from './failure.ts';

/** The version of package.json. */
export async function projectVersion(project: string): Promise<string> {
  const text = await readFile(path.join(project, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/**
 * The section of a version in CHANGELOG.md, without its heading.
 *
 * @throws {ReleaseFailure} when there is none, or nothing in it.
 */
export async function changelogSection(project: string, version: string): Promise<string> {
  const file = path.join(project, 'CHANGELOG.md');
  const text = await readFile(file, 'utf8').catch(() => '');
  const sections = text.split(/^## /m).slice(1);
  const section = sections.find((part) => part.startsWith(`[${version}]`));
  const body = section?.split('\n').slice(1).join('\n').trim();
  if (body) return body;
  throw new ReleaseFailure(
    `CHANGELOG.md has no section for ${version}, and users are shown it. Write what has changed for ` +
      `them below a heading "## [${version}] - <date>", commit it, and promote again.`,
  );
}
