import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OPERATIONS_OF_THE_APP } from '../../conformance/app-calls.ts';
import { FACTS, type Fact } from '../../conformance/facts.ts';
import { OPERATIONS } from '../../conformance/openapi.ts';
import { PHASES } from '../../conformance/phases/index.ts';
import { placesOf } from '../../conformance/row.ts';
import { CREATE_TABLE } from '../../creates/table.ts';
import { startSandbox, type Sandbox } from '../../local/attro/index.ts';
import { SEARCH_TABLE } from '../../searches/table.ts';
import { TRIGGER_TABLE } from '../../triggers/table.ts';
import { call } from '../support/app.ts';

const rows = PHASES.flatMap((phase) => phase.rows);
const used = new Set(rows.flatMap(({ facts }) => facts));

/** Whether a row is about a fact, or about the whole body that it is a field of. */
function hasRow({ key, kind }: Fact): boolean {
  const [owner = ''] = key.split('.');
  return used.has(key) || (kind === 'field' && used.has(owner));
}

describe('the rows', () => {
  it('have ids of their own, and a sentence each', () => {
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    for (const { id, assumed } of rows) {
      expect(id).toMatch(/^[a-z0-9]+(\.[\w-]+)+$/);
      expect(assumed).toMatch(/^(?:[A-Z?]|X-|[a-z_.]+ ).*\.$/s);
    }
  });

  it('name places that are there', () => {
    const missing = rows.flatMap(({ id, ...row }) =>
      placesOf(row)
        .filter(({ file, name }) => {
          const text = readFileSync(file, 'utf8');
          return !name.split(/[., ]+/).every((word) => word === 'parameter' || text.includes(word));
        })
        .map(({ file, name }) => `${id}: ${name} in ${file}`),
    );
    expect(missing).toEqual([]);
    expect(rows.filter((row) => placesOf(row).length === 0)).toEqual([]);
  });

  it('leave nothing out that the contract says of requests, answers and deliveries', () => {
    const left = FACTS.filter((fact) => fact.kind !== 'schema' && !hasRow(fact));
    expect(left.map(({ key }) => key)).toEqual([]);
  });
});

describe('what the app asks of Attro', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  afterAll(() => sandbox.close());

  /** Runs one of the app's functions, whatever comes of it. */
  async function run(method: string, bundle: Record<string, unknown> = {}): Promise<void> {
    const environment = { ATTRO_BASE_URL: sandbox.baseUrl };
    const authData = { access_token: sandbox.apiKey, refresh_token: 'some-token' };
    await call(method, { authData, ...bundle }, { environment }).catch(() => undefined);
  }

  it('is what the rows take it for: of the rest, the app cannot be troubled', async () => {
    const inputData = {
      ...{ email: 'a@example.com', display_name: 'A', name: 'a', external_id: '1' },
      ...{ affiliate_id: 'aff_xyz789', offer_id: 'off_def456', amount: 1, currency: 'USD' },
    };
    const oauth = 'authentication.oauth2Config';
    await run('authentication.test');
    await run(`${oauth}.getAccessToken`, { inputData: { code: 'c', redirect_uri: 'u' } });
    await run(`${oauth}.refreshAccessToken`);
    for (const { key, filters } of TRIGGER_TABLE) {
      const operation = `triggers.${key}.operation`;
      await run(`${operation}.performList`);
      await run(`${operation}.performSubscribe`, { targetUrl: 'https://example.com/1' });
      await run(`${operation}.performUnsubscribe`, { subscribeData: { id: 'wh_1' } });
      const inputs = filters.flatMap((filter) => filter.inputs);
      for (const index of inputs.keys())
        await run(`${operation}.inputFields.${index}.choices.perform`);
    }
    for (const { key, inputs } of SEARCH_TABLE) {
      await run(`searches.${key}.operation.perform`, { inputData });
      const own = { ...inputData, conversion_id: 'conv_abc123' };
      await run(`searches.${key}.operation.perform`, { inputData: own });
      for (const index of inputs.keys()) {
        await run(`searches.${key}.operation.inputFields.${index}.choices.perform`);
      }
    }
    for (const { key } of CREATE_TABLE) {
      for (const status of ['active', 'approved']) {
        const own = { ...inputData, conversion_id: 'conv_abc123', status };
        await run(`creates.${key}.operation.perform`, { inputData: own });
      }
    }

    const asked = sandbox.requests().map(({ method, path }) => {
      const found = OPERATIONS.find(
        (each) =>
          each.method === method &&
          new RegExp(`^(/api/v1)?${each.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
      );
      return found?.operationId ?? `${method} ${path}`;
    });
    expect([...new Set(asked)].sort()).toEqual([...OPERATIONS_OF_THE_APP].sort());
  });
});
