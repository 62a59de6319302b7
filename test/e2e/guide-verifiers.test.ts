import { spawnSync } from 'node:child_process';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { findSignatureProblem } from '../../deliveries/signature.ts';
import { EVENT_NAMES, startSandbox } from '../../local/attro/index.ts';
import { startReceiver } from '../local/attro/receiver.ts';
import { ownerOf } from '../local/attro/sign-in.ts';

/**
 * Attro's guide prints a verifier for Node and one for Python. They are a second opinion on the signer
 * of the sandbox and on the verifier of the app: all must say the same of every delivery.
 */

const SECRET = 'whsec_your_random_secret_here';

/** The guide's "Node.js Verification". */
function nodeVerifier(payload: string, signature: string, secret: string): boolean {
  const expectedSignature = createHmac('sha256', secret).update(payload, 'utf8').digest('hex');
  const expected = `sha256=${expectedSignature}`;
  return timingSafeEqual(Buffer.from(signature), Buffer.from(expected));
}

/** The guide's "Python Verification", which reads its three arguments as JSON. */
const PYTHON_VERIFIER = `
import hashlib, hmac, json, sys

def verify_webhook_signature(payload: bytes, signature: str, secret: str) -> bool:
    expected = hmac.new(secret.encode('utf-8'), payload, hashlib.sha256).hexdigest()
    expected_sig = f"sha256={expected}"
    return hmac.compare_digest(signature, expected_sig)

print(json.dumps([
    verify_webhook_signature(payload.encode('utf-8'), signature, secret)
    for payload, signature, secret in json.load(sys.stdin)
]))
`;

type Case = [payload: string, signature: string, secret: string];

const hasPython = spawnSync('python3', ['--version']).status === 0;

function pythonVerifier(cases: readonly Case[]): boolean[] {
  const { stdout } = spawnSync('python3', ['-c', PYTHON_VERIFIER], {
    input: JSON.stringify(cases),
  });
  return JSON.parse(stdout.toString()) as boolean[];
}

const genuine: Case[] = [];

/** Every delivery altered in one way: its body, its signature, or the secret it is checked with. */
function altered(): Case[] {
  return genuine.flatMap(([body, signature, secret]): Case[] => [
    [body.replace('2026', '2027'), signature, secret],
    [`${body} `, signature, secret],
    [body.slice(0, -1), signature, secret],
    [body, signature.replace(/.$/, (last) => (last === 'f' ? 'e' : 'f')), secret],
    [body, signature, `${secret}x`],
  ]);
}

beforeAll(async () => {
  const [receiver, sandbox] = await Promise.all([startReceiver(), startSandbox()]);
  const json = { url: receiver.url, events: EVENT_NAMES, secret: SECRET };
  await ownerOf(sandbox)('POST', '/webhooks', json);
  for (const event of EVENT_NAMES) {
    await sandbox.emit(event);
    await sandbox.emit(event, { data: { display_name: '李小龍 🎉', note: 'Größe "x" \\ \n' } });
  }
  await Promise.all([sandbox.close(), receiver.close()]);
  for (const { body, headers } of receiver.received) {
    genuine.push([body, String(headers['x-attro-signature']), SECRET]);
  }
  expect(genuine).toHaveLength(EVENT_NAMES.length * 2);
});

describe("the guide's verifier for Node", () => {
  it('accepts what the sandbox signs', () => {
    expect(genuine.map((delivery) => nodeVerifier(...delivery))).not.toContain(false);
  });

  it('refuses what was altered', () => {
    expect(altered().map((delivery) => nodeVerifier(...delivery))).not.toContain(true);
  });
});

(hasPython ? describe : describe.skip)("the guide's verifier for Python", () => {
  it('accepts what the sandbox signs', () => {
    expect(pythonVerifier(genuine)).toEqual(genuine.map(() => true));
  });

  it('refuses what was altered', () => {
    expect(pythonVerifier(altered())).toEqual(altered().map(() => false));
  });
});

describe("the app's own verifier", () => {
  const verify = ([body, signature, secret]: Case) =>
    findSignatureProblem(body, { 'Http-X-Attro-Signature': signature }, secret);

  it('says the same of both', () => {
    expect(genuine.map(verify)).toEqual(genuine.map(() => null));
    expect(altered().map(verify)).not.toContain(null);
  });
});
