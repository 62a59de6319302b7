import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express, { type Request, type Response } from 'express';
import * as zod from 'zod';
import { openPush, schemaErrors, type PushedVersion } from './pushed-version.ts';

/**
 * A stand-in for the part of Zapier's developer API that the Zapier CLI calls, for ZAPIER_BASE_ENDPOINT.
 * Its paths, bodies and the answers that the CLI looks at are those in the CLI's source. What that cannot
 * tell is marked "unknown" below: there the stand-in refuses rather than lets through.
 */
export interface DeveloperApi {
  /** What to set ZAPIER_BASE_ENDPOINT to. */
  baseUrl: string;
  app: AppRecord;
  deployKey: string;
  /** What arrived, oldest first. */
  requests: readonly ReceivedRequest[];
  versions: ReadonlyMap<string, PushedVersion>;
  jobs: readonly Job[];
  /** What its own checks find in the next definitions, beside the schema's errors. */
  findings: Finding[];
  /** Plans what the next request to a path gets instead of an answer. */
  failNext: (path: RegExp, fault: Fault) => void;
  /** Deletes a version, as if it had never been pushed. */
  forget: (version: string) => void;
  close: () => Promise<void>;
}

export interface AppRecord {
  id: number;
  title: string;
  description: string;
  app_category: string;
  intention: string;
  role: string;
  status: 'private' | 'public';
}

export interface ReceivedRequest {
  method: string;
  path: string;
  headers: Request['headers'];
  body: unknown;
}

export interface Finding {
  severity: 'errors' | 'warnings' | 'suggestions';
  /** Such as `read` and `new_affiliate` for a trigger. */
  type: 'read' | 'write' | 'search' | 'auth';
  key: string;
  /** Zapier's code of the check, such as `D021`. */
  tag: string;
  message: string;
}

/** An answer of one's own, or none at all. */
export type Fault = { status: number; body: unknown } | 'hang';

const jobSchema = zod.strictObject({
  name: zod.literal(['promote', 'migrate']),
  from_version: zod.string().optional(),
  to_version: zod.string(),
  changelog: zod.string().optional(),
  app_metadata: zod.array(zod.unknown()).optional(),
  loki_metadata: zod.array(zod.unknown()).optional(),
  is_feature_update: zod.boolean().optional(),
  is_bugfix: zod.boolean().optional(),
  is_other: zod.boolean().optional(),
  email: zod.string().optional(),
  email_type: zod.enum(['user', 'account']).optional(),
  percent_human: zod.union([zod.string(), zod.number()]).optional(),
});

/** A promotion or a migration. */
export type Job = zod.infer<typeof jobSchema>;

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
  job: zod.strictObject({ job: jobSchema }),
  environment: zod.record(zod.string(), zod.string()),
};

const LABELS = { errors: 'Errors', warnings: 'Publishing Tasks', suggestions: 'Warnings' };

/** Refuses in the form that the CLI reads: `{ "errors": ["…"] }`. */
function refuse(response: Response, status: number, ...errors: string[]): void {
  response.status(status).json({ errors });
}

/** Starts the stand-in on a free port of this machine, with one integration and one deploy key. */
export async function startDeveloperApi(
  app: Partial<AppRecord> = {},
  deployKey = 'stand-in-deploy-key-of-32-chars-',
): Promise<DeveloperApi> {
  const record: AppRecord = {
    id: 12345,
    title: 'Attro',
    description: 'Attro runs affiliate programs: partners, conversions, payouts and fraud alerts.',
    app_category: 'marketing',
    intention: 'global',
    role: 'employee',
    status: 'public',
    ...app,
  };
  const requests: ReceivedRequest[] = [];
  const versions = new Map<string, PushedVersion>();
  const jobs: Job[] = [];
  const findings: Finding[] = [];
  const faults: { path: RegExp; fault: Fault }[] = [];

  const server = express().disable('x-powered-by').disable('etag');
  // Unknown: the largest push that Zapier takes.
  server.use(express.json({ limit: '50mb' }));

  server.use((request, response, next) => {
    const { method, path: requested, headers } = request;
    requests.push({ method, path: requested, headers, body: request.body as unknown });
    const planned = faults.findIndex(({ path }) => path.test(requested));
    const fault = planned === -1 ? undefined : faults.splice(planned, 1)[0]?.fault;
    if (fault === undefined) next();
    else if (fault !== 'hang') response.status(fault.status).send(fault.body);
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
    if (id === String(record.id)) next();
    else refuse(response, 404, 'Not found');
  });

  /** The body in its known shape; unknown: whether Zapier minds more than that. */
  function bodyOf<T>(schema: zod.ZodType<T>, request: Request, response: Response): T | null {
    const read = schema.safeParse(request.body);
    if (read.success) return read.data;
    refuse(response, 400, `Malformed body: ${zod.prettifyError(read.error)}`);
    return null;
  }

  api.get('/apps/:app', (_request, response) => {
    const latest = [...versions.values()].find(({ state }) => state === 'promoted');
    response.json({
      ...record,
      public: record.status === 'public',
      all_versions: [...versions.keys()],
      latest_version: latest?.version ?? null,
    });
  });

  api.post('/check', (request, response) => {
    const body = bodyOf(BODIES.check, request, response);
    if (!body) return;
    const found = schemaErrors(body.app_definition).map(({ property, message }): Finding => ({
      severity: 'errors',
      type: 'auth',
      key: property,
      tag: 'schema',
      message,
    }));
    response.json({ ...checkResult([...findings, ...found]), passes: [] });
  });

  api.get('/apps/:app/versions', (_request, response) => {
    response.json({
      objects: [...versions.values()].map(({ version, definition, state }) => ({
        version,
        platform_version: definition['platformVersion'],
        user_count: 0,
        lifecycle: { status: state },
      })),
    });
  });

  api.put('/apps/:app/versions/:version', (request, response) => {
    const body = bodyOf(BODIES.push, request, response);
    if (!body) return;
    const { version } = request.params;
    const before = versions.get(version);
    if (before && before.state !== 'private') {
      // Documented: a promoted version is no longer editable. Unknown: the status and the words.
      refuse(response, 400, `Version ${version} has been promoted and cannot be changed.`);
      return;
    }
    const opened = openPush(version, body);
    if (typeof opened === 'string') {
      refuse(response, 400, opened);
      return;
    }
    // "Values are copied forward when a new version is created" (the CLI's help for env:set).
    const environment = before?.environment ?? { ...[...versions.values()].at(-1)?.environment };
    versions.set(version, { version, ...opened, state: 'private', environment });
    response.json({});
  });

  api.post('/apps/:app/pre-migration-require-confirmation-checks', (request, response) => {
    if (bodyOf(BODIES.job, request, response)) response.json({});
  });

  api.post('/apps/:app/migrations', (request, response) => {
    const job = bodyOf(BODIES.job, request, response)?.job;
    if (!job) return;
    const version = versions.get(job.to_version);
    // Unknown: the status and the words of each refusal.
    if (!version) {
      refuse(response, 400, `Version ${job.to_version} does not exist.`);
    } else if (job.name === 'promote' && job.to_version.includes('-')) {
      refuse(response, 400, 'A labeled version cannot be promoted.');
    } else if (job.name === 'promote' && version.state !== 'private') {
      refuse(response, 400, `Version ${job.to_version} is promoted already.`);
    } else if (job.name === 'promote' && !job.changelog) {
      refuse(response, 400, 'A changelog is needed.');
    } else if (job.name === 'promote' && record.status === 'private') {
      // Its first version goes public through a form, which the CLI sends its user to.
      const url = `https://zapier.com/app/developer/app/${record.id}/version/${version.version}/activation`;
      response.status(400).json({ errors: [], activationInfo: { url } });
    } else {
      jobs.push(job);
      if (job.name === 'promote') {
        for (const other of versions.values()) {
          if (other.state === 'promoted') other.state = 'available';
        }
        version.state = 'promoted';
      }
      response.json({});
    }
  });

  api.post('/apps/:app/versions/:version/multi-environment', (request, response) => {
    const values = bodyOf(BODIES.environment, request, response);
    if (!values) return;
    const version = versions.get(request.params.version);
    if (!version) refuse(response, 404, 'Not found');
    else if (version.state === 'promoted' && request.get('X-Force-Env-Var-Update') !== 'true') {
      refuse(response, 409, 'This is the production version.');
    } else {
      // Unknown: which names Zapier refuses. The words, and that the other names are set, are what the CLI
      // expects.
      const isName = ([name]: [string, string]): boolean => /^[A-Z_][A-Z0-9_]*$/.test(name);
      const entries = Object.entries(values);
      Object.assign(version.environment, Object.fromEntries(entries.filter(isName)));
      const refused = entries.filter((entry) => !isName(entry)).map(([name]) => name);
      if (refused.length === 0) response.json({});
      else refuse(response, 400, `The following keys failed to update: ${refused.join(', ')}`);
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
    app: record,
    deployKey,
    requests,
    versions,
    jobs,
    findings,
    failNext: (path, fault) => {
      faults.push({ path, fault });
    },
    forget: (version) => {
      versions.delete(version);
    },
    close: async () => {
      listener.close();
      listener.closeAllConnections();
      await once(listener, 'close');
    },
  };
}

/** Findings in the form of Zapier's answer to a check, as far as the CLI reads it. */
function checkResult(findings: readonly Finding[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(LABELS).map(([severity, display_label]) => {
      const own = findings.filter((finding) => finding.severity === severity);
      const results = own.map(({ type, key, tag, message }) => ({
        type,
        violations: [{ type: key, results: [{ message, tag }] }],
      }));
      return [severity, { display_label, total_failures: own.length, results }];
    }),
  );
}
