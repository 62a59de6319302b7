import { afterAll, afterEach, beforeEach, expect } from '@jest/globals';
import nock from 'nock';
import { ACCESS_TOKEN, BASE_URL } from './app.ts';

/** Attro's host, to which only requests with the connection's token are answered. */
export function attro(): nock.Scope {
  return nock(BASE_URL, { reqheaders: { authorization: `Bearer ${ACCESS_TOKEN}` } });
}

/**
 * Keeps the tests of a file from reaching the network past this machine, where Zapier's cache is, and fails
 * one that left a request out.
 */
export function mockNetwork(): void {
  beforeEach(() => {
    nock.disableNetConnect();
    nock.enableNetConnect('127.0.0.1');
  });
  afterEach(() => {
    const pending = nock.pendingMocks();
    nock.cleanAll();
    expect(pending).toEqual([]);
  });
  // Two test files may share a process, and with it the patched http module.
  afterAll(() => {
    nock.restore();
  });
}
