import express, { type NextFunction, type Request, type Response } from 'express';
import * as zod from 'zod';
import { startLoopbackServer } from '../loopback.ts';
import { openPush, schemaErrors, type PushedVersion } from './pushed-version.ts';

/**
 * A stand-in for the part of Zapier's developer API that the CLI's `validate`, `push` and `promote` call,
 * for ZAPIER_BASE_ENDPOINT. Its paths, bodies and the answers that the CLI looks at are those in the CLI's
 * source. What that cannot tell is marked "unknown" below: there the stand-in refuses rather than lets
 * through.
 */
export type DeveloperApi = Awaited<ReturnType<typeof startDeveloperApi>>;

/** What a check of Zapier's finds; all of them are errors here. */
interface Finding {
  /** Such as `read` and `new_affiliate` for a trigger. */
  type: 'read' | 'write' | 'search' | 'auth';
  key: string;
  /** Zapier's code of the check, such as `D021`. */
  tag: string;
  message: string;
}

/** The integration; the CLI stops where one of the texts is missing. */
export const APP = {
  id: 12345,
  title: 'Attro',
  description: 'Attro runs affiliate programs: partners, conversions, payouts and fraud alerts.',
  app_category: 'marketing',
  intention: 'global',
  role: 'employee',
  status: 'public',
  public: true,
} as const;

const promotionSchema = zod.strictObject({
  name: zod.literal('promote'),
  from_version: zod.string().optional(),
  to_version: zod.string(),
  changelog: zod.string().min(1),
  app_metadata: zod.array(zod.unknown()).optional(),
  loki_metadata: zod.array(zod.unknown()).optional(),
  is_feature_update: zod.boolean().optional(),
  is_bugfix: zod.boolean().optional(),
  is_other: zod.boolean().optional(),
});

/** The known shapes; unknown: whether Zapier minds more than that. */
const BODIES = {
  check: zod.strictObject({
    app_id: zod.number().optional(),
    version: zod.string().optional(),
    app_definition: zod.record(zod.string(), zod.unknown()),
  }),
  push: zod.strictObject({
    zip_file: zod.base64(),
    source_zip_file: zod.base64(),
    skip_validation: zod.boolean(),
  }),
  promotion: zod.strictObject({ job: promotionSchema }),
};

/** Refuses in the form that the CLI reads: `{ "errors": ["…"] }`. */
function refuse(response: Response, status: number, error: string): void {
  response.status(status).json({ errors: [error] });
}

/**
 * Starts the stand-in on a free port of this machine, with one integration and one deploy key.
 *
 * @param findings what its own checks find in every definition, beside the schema's errors.
 */
export async function startDeveloperApi(deployKey: string, findings: readonly Finding[] = []) {
  /** What arrived, oldest first. */
  const requests: { method: string; path: string; body: unknown }[] = [];
  const versions = new Map<string, PushedVersion>();
  const promotions: zod.infer<typeof promotionSchema>[] = [];

  const server = express().disable('x-powered-by').disable('etag');
  // Unknown: the largest push that Zapier takes.
  server.use(express.json({ limit: '50mb' }));
  server.use(({ method, path, body }: Request, _response, next) => {
    requests.push({ method, path, body });
    next();
  });

  const api = express.Router();
  server.use('/api/platform/cli', api);
  api.use((request, response, next) => {
    const key = request.get('X-Deploy-Key');
    // The CLI checks a definition without a key where it has none.
    if (key === deployKey || (key === undefined && request.path === '/check')) next();
    else refuse(response, 401, 'Invalid deploy key');
  });
  api.param('app', (_request, response, next, id) => {
    if (id === String(APP.id)) next();
    else refuse(response, 404, 'Not found');
  });

  api.get('/apps/:app', (_request, response) => {
    const latest = [...versions.values()].find(({ isPromoted }) => isPromoted);
    response.json({
      ...APP,
      all_versions: [...versions.keys()],
      latest_version: latest?.version ?? null,
    });
  });

  api.post('/check', (request, response) => {
    const { app_definition: definition } = BODIES.check.parse(request.body);
    const broken = schemaErrors(definition).map(({ property, message }): Finding => ({
      type: 'auth',
      key: property,
      tag: 'schema',
      message,
    }));
    response.json({
      errors: checkResult('Errors', [...findings, ...broken]),
      warnings: checkResult('Publishing Tasks', []),
      suggestions: checkResult('Warnings', []),
      passes: [],
    });
  });

  api.put('/apps/:app/versions/:version', (request, response) => {
    const { version } = request.params;
    const opened = openPush(version, BODIES.push.parse(request.body));
    // Documented: a promoted version is no longer editable.
    if (versions.get(version)?.isPromoted) {
      throw new Error(`Version ${version} has been promoted and cannot be changed.`);
    }
    versions.set(version, opened);
    response.json({});
  });

  api.post('/apps/:app/pre-migration-require-confirmation-checks', (request, response) => {
    BODIES.promotion.parse(request.body);
    response.json({});
  });

  api.post('/apps/:app/migrations', (request, response) => {
    const { job } = BODIES.promotion.parse(request.body);
    const version = versions.get(job.to_version);
    if (!version) throw new Error(`Version ${job.to_version} does not exist.`);
    if (job.to_version.includes('-')) throw new Error('A labeled version cannot be promoted.');
    if (version.isPromoted) throw new Error(`Version ${job.to_version} is promoted already.`);
    promotions.push(job);
    version.isPromoted = true;
    response.json({});
  });

  server.use((request, response) => {
    refuse(response, 404, `Unknown here: ${request.method} ${request.path}`);
  });
  // Unknown: the status and the words of each refusal above.
  server.use((error: Error, _request: Request, response: Response, _next: NextFunction) => {
    refuse(response, 400, error instanceof zod.ZodError ? zod.prettifyError(error) : error.message);
  });

  const { origin, close } = await startLoopbackServer((request, response) => {
    server(request, response);
    return Promise.resolve();
  });
  // `baseUrl` is what to set ZAPIER_BASE_ENDPOINT to.
  return { baseUrl: origin, requests, versions, promotions, close };
}

/** Findings of one severity in the form of Zapier's answer to a check, as far as the CLI reads it. */
function checkResult(label: string, findings: readonly Finding[]): Record<string, unknown> {
  return {
    display_label: label,
    total_failures: findings.length,
    results: findings.map(({ type, key, tag, message }) => ({
      type,
      violations: [{ type: key, results: [{ message, tag }] }],
    })),
  };
}
