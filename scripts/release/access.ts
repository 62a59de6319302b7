import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import * as zod from 'zod/mini';
import { noAnswer, refusal, ReleaseFailure } from './failure.ts';

/**
 * Whom and what the Zapier CLI will act for, read where it reads it, so that what is missing can be
 * said before anything is done.
 */
export interface Access {
  /** Where the developer API is, without a slash at its end. */
  endpoint: string;
  /** The id of the integration in Zapier. */
  appId: string;
  deployKey: string;
}

/** How long the first answer of Zapier's may take, in milliseconds. */
const FIRST_ANSWER_MS = 30_000;

const fileSchema = zod.object({
  id: zod.optional(zod.union([zod.string().check(zod.minLength(1)), zod.number()])),
  deployKey: zod.optional(zod.string()),
});

const versionsSchema = zod.object({
  objects: zod.array(
    zod.object({ version: zod.string(), lifecycle: zod.object({ status: zod.string() }) }),
  ),
});

const errorsSchema = zod.object({ errors: zod.array(zod.string()) });

/** Where the developer API is: Zapier's, unless the CLI's own variables say otherwise. */
export function apiEndpoint(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment['ZAPIER_BASE_ENDPOINT'] || 'https://zapier.com';
  return environment['ZAPIER_ENDPOINT'] || `${base}/api/platform/cli`;
}

/**
 * Reads what is needed to act on the integration.
 *
 * @throws {ReleaseFailure} when the integration or the deploy key is not known.
 */
export async function readAccess(project: string): Promise<Access> {
  const environment = process.env;
  const appFile = environment['ZAPIER_CURRENT_APP_FILE'] || '.zapierapprc';
  const { id } = await readFileOfCli(path.resolve(project, appFile));
  if (id === undefined) {
    throw new ReleaseFailure(
      `${path.basename(appFile)} has no "id", so it is not known which integration in Zapier this is. ` +
        'Run "npx zapier-platform register" for a new one or "npx zapier-platform link" for one that ' +
        'exists, and commit the file.',
    );
  }
  const deployKey =
    environment['ZAPIER_DEPLOY_KEY'] || (await readFileOfCli(keyFile(environment))).deployKey;
  if (!deployKey) {
    throw new ReleaseFailure(
      'There is no deploy key. Run "npx zapier-platform login", or set ZAPIER_DEPLOY_KEY; in CI it ' +
        'comes from the secret of that name.',
    );
  }
  return { endpoint: apiEndpoint(), appId: String(id), deployKey };
}

/** Where the CLI keeps the key of whoever has logged in. */
function keyFile(environment: NodeJS.ProcessEnv): string {
  return environment['ZAPIER_AUTH_LOCATION'] || path.join(homedir(), '.zapierrc');
}

/** The key of whoever has logged in on this machine; undefined where there is none to be read. */
export async function storedDeployKey(): Promise<string | undefined> {
  return readFileOfCli(keyFile(process.env)).then(
    ({ deployKey }) => deployKey,
    () => undefined,
  );
}

async function readFileOfCli(file: string): Promise<zod.infer<typeof fileSchema>> {
  const content = await readFile(file, 'utf8').catch(() => '{}');
  const read = fileSchema.safeParse(parse(content));
  if (read.success) return read.data;
  throw new ReleaseFailure(
    `${file} cannot be read. Mend it, or have the Zapier CLI write it anew: "login" writes .zapierrc, ` +
      '"link" .zapierapprc.',
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Asks Zapier for the state of each version: `private`, `promoted`, `available`, `legacy`,
 * `deprecating` or `deprecated` (Zapier's documentation, "Version lifecycle states").
 *
 * @throws {ReleaseFailure} when Zapier refuses or does not answer.
 */
export async function versionStates(
  { endpoint, appId, deployKey }: Access,
  limitMs: number,
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const url = `${endpoint}/apps/${encodeURIComponent(appId)}/versions`;
  const limit = Math.min(limitMs, FIRST_ANSWER_MS);
  const late = AbortSignal.timeout(limit);
  try {
    const response = await fetch(url, {
      headers: { Accept: 'application/json', 'X-Deploy-Key': deployKey },
      signal: signal ? AbortSignal.any([signal, late]) : late,
    });
    const body = parse(await response.text());
    if (!response.ok) {
      const said = errorsSchema.safeParse(body);
      throw refusal(response.status, said.data?.errors.join(', ') ?? '', 'show its versions');
    }
    // An answer of another kind is left to the CLI to make sense of.
    const { objects } = versionsSchema.safeParse(body).data ?? { objects: [] };
    return new Map(objects.map(({ version, lifecycle }) => [version, lifecycle.status]));
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ReleaseFailure) throw error;
    throw noAnswer(
      new URL(endpoint).host,
      late.aborted ? `no answer within ${limit / 1_000} s` : reasonOf(error),
    );
  }
}

/** Why a connection failed, such as `ECONNREFUSED`; fetch hides it in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : 'the connection failed';
}
