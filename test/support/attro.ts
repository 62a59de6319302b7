import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import nock from 'nock';
import { ACCESS_TOKEN, BASE_URL } from './app.ts';
import { deviationsOf } from './contract.ts';

/** What each request of the running test has that attro/openapi.yaml does not describe. */
let judged: Promise<string[]>[] = [];

const TOKEN = { reqheaders: { authorization: `Bearer ${ACCESS_TOKEN}` } };

/**
 * Attro's host, to which only requests with the connection's token are answered, unless other options
 * say so. Each is held to the contract; see {@link mockNetwork}.
 */
export function attro(options: nock.Options = TOKEN, host = BASE_URL): nock.Scope {
  return nock(host, options).on('request', (request: Request, _interceptor, body: string) => {
    judged.push(judge(request, body));
  });
}

/** A host that is not Attro's, to which nothing may go. */
export function stranger(host: string): nock.Scope {
  return nock(host);
}

async function judge(request: Request, body?: string): Promise<string[]> {
  const { method, url } = request;
  const { pathname, search } = new URL(url);
  const headers = Object.fromEntries(request.headers);
  const sent = body ?? (await request.clone().text());
  return deviationsOf({ method, target: `${pathname}${search}`, headers, body: sent });
}

/** A request that nothing was there to answer, where it is one to Attro. */
function judgeUnanswered(request: Request): void {
  // The platform has servers of its own that it calls.
  if (new URL(request.url).origin === BASE_URL) judged.push(judge(request));
}

/**
 * Keeps the tests of a file from reaching the network past this machine, where Zapier's cache is, and fails
 * one that left a request out or sent Attro one that is not as attro/openapi.yaml describes it.
 */
export function mockNetwork(): void {
  // Loading nock patches the http module at once. Where all tests of a file are left out, as mutation
  // tests do, no hook would undo that, and the next file would find a module that is patched already.
  nock.restore();
  beforeAll(() => {
    nock.activate();
  });
  beforeEach(() => {
    nock.disableNetConnect();
    nock.enableNetConnect('127.0.0.1');
    nock.emitter.on('no match', judgeUnanswered);
  });
  afterEach(async () => {
    const pending = nock.pendingMocks();
    nock.cleanAll();
    nock.emitter.off('no match', judgeUnanswered);
    const deviations = (await Promise.all(judged)).flat();
    judged = [];
    expect(deviations).toEqual([]);
    expect(pending).toEqual([]);
  });
  // Two test files may share a process, and with it the patched http module.
  afterAll(() => {
    nock.restore();
  });
}
