import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express, { type Request, type Response } from 'express';
import * as zod from 'zod';
import { openPush, schemaErrors, type PushedVersion } from './pushed-version.ts';

/**
 * A stand-in for the part of Zapier's developer API that the CLI's `validate`, `push` and `promote` call,
 * for ZAPIER_BASE_ENDPOINT. Its paths, bodies and the answers that the CLI looks at are those in the CLI's
 * source. What that cannot tell is marked "unknown" below: there the stand-in refuses rather than lets
 * through.
 */
export interface DeveloperApi {
  /** What to set ZAPIER_BASE_ENDPOINT to. */
  baseUrl: string;
  deployKey: string;
  /** What arrived, oldest first. */
  requests: readonly ReceivedRequest[];
  versions: ReadonlyMap<string, PushedVersion>;
  promotions: readonly Promotion[];
  close: () => Promise<void>;
}

export interface ReceivedRequest {
  method: string;
  path: string;
  body: unknown;
}

/** What a check of Zapier's finds; all of them are errors here. */
export interface Finding {
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

export type Promotion = zod.infer<typeof promotionSchema>;

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

/** The body in its known shape; unknown: whether Zapier minds more than that. */
function bodyOf<T>(schema: zod.ZodType<T>, request: Request, response: Response): T | null {
  const read = schema.safeParse(request.body);
  if (read.success) return read.data;
  refuse(response, 400, `Malformed body: ${zod.prettifyError(read.error)}`);
  return null;
}

/** Refuses in the form that the CLI reads: `{ "errors": ["…"] }`. */
function refuse(response: Response, status: number, error: string): void {
  response.status(status).json({ errors: [error] });
}

/**
 * Starts the stand-in on a free port of this machine, with one integration and one deploy key.
 *
 * @param findings what its own checks find in every definition, beside the schema's errors.
 */
export async function startDeveloperApi(
  deployKey: string,
  findings: readonly Finding[] = [],
): Promise<DeveloperApi> {
  const requests: ReceivedRequest[] = [];
  const versions = new Map<string, PushedVersion>();
  const promotions: Promotion[] = [];

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
    const body = bodyOf(BODIES.check, request, response);
    if (!body) return;
    const broken = schemaErrors(body.app_definition).map(({ property, message }): Finding => ({
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
    const body = bodyOf(BODIES.push, request, response);
    if (!body) return;
    const { version } = request.params;
    const opened = openPush(version, body);
    if (versions.get(version)?.isPromoted) {
      // Documented: a promoted version is no longer editable. Unknown: the status and the words.
      refuse(response, 400, `Version ${version} has been promoted and cannot be changed.`);
    } else if (typeof opened === 'string') {
      refuse(response, 400, opened);
    } else {
      versions.set(version, { version, ...opened, isPromoted: false });
      response.json({});
    }
  });

  api.post('/apps/:app/pre-migration-require-confirmation-checks', (request, response) => {
    if (bodyOf(BODIES.promotion, request, response)) response.json({});
  });

  api.post('/apps/:app/migrations', (request, response) => {
    const job = bodyOf(BODIES.promotion, request, response)?.job;
    if (!job) return;
    const version = versions.get(job.to_version);
    // Unknown: the status and the words of each refusal.
    if (!version) {
      refuse(response, 400, `Version ${job.to_version} does not exist.`);
    } else if (job.to_version.includes('-')) {
      refuse(response, 400, 'A labeled version cannot be promoted.');
    } else if (version.isPromoted) {
      refuse(response, 400, `Version ${job.to_version} is promoted already.`);
    } else {
      promotions.push(job);
      version.isPromoted = true;
      response.json({});
    }
  });

  server.use((request, response) => {
    refuse(response, 404, `Unknown here: ${request.method} ${request.path}`);
  });

  const listener = server.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    deployKey,
    requests,
    versions,
    promotions,
    close: async () => {
      listener.close();
      listener.closeAllConnections();
      await once(listener, 'close');
    },
  };
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
