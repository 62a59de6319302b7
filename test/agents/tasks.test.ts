import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Sandbox } from '../../local/attro/index.ts';
import type { Zap, ZapierRunner } from '../../local/zapier/index.ts';
import { doTasks, type Transcript } from '../../scripts/agent-tasks.ts';
import { app } from '../support/app.ts';
import { startBoth } from '../support/zapier.ts';

/** What docs/agents.md says of AI agents, done as they do it; the page itself is generated from the same run. */

const document = readFileSync('docs/agents.md', 'utf8');

const labelsOf = (steps: Readonly<Record<string, { display: { label: string } }>>): string[] =>
  Object.values(steps).map(({ display }) => display.label);

describe('the tasks', () => {
  let transcripts: Transcript[];

  beforeAll(async () => {
    transcripts = await doTasks();
  });

  it('each came to what was asked for, and went wrong once in a way that the error or the empty list put right', () => {
    expect(transcripts.map(({ outcomes }) => outcomes.at(-1)?.gave)).toEqual([
      [{ affiliate_name: 'Jane Doe', affiliate_status: 'active' }],
      [expect.objectContaining({ offer_name: 'Pro Plan' })],
      [expect.objectContaining({ amount: 99.9, currency: 'USD', status: 'pending' })],
      [{ conversion_id: 'conv_abc123', status: 'rejected' }],
      [expect.objectContaining({ affiliate_name: 'John Smith', amount: 523.4 })],
      [expect.objectContaining({ affiliate_email: 'john.smith@example.com' })],
    ]);
    for (const { outcomes } of transcripts) {
      const amiss = outcomes.filter(({ error, gave }) => error !== undefined || gave?.length === 0);
      expect(outcomes[0]).toBe(amiss[0]);
      expect(amiss.flatMap(({ error }) => error ?? []).join()).toMatch(
        /^$|must be|with the step Find/,
      );
    }
  });

  it('a sale that was recorded twice is one conversion', () => {
    const [, first, again] = transcripts[2]?.outcomes ?? [];
    expect(first?.gave).toHaveLength(1);
    expect(again?.gave).toEqual(first?.gave);
  });
});

describe('the tools', () => {
  const [, rest = ''] = document.split('## What an agent can do');
  const table = (rest.split('\n\n')[1] ?? '').split('\n').slice(2);

  it('are all that there are, with what reads and what writes', () => {
    const rows = table.map((row) => row.split('|').slice(1, 3).join('|').replace(/ +/g, ' '));
    expect(rows).toEqual([
      ...labelsOf(app.searches).map((label) => ` ${label} | reads `),
      ...labelsOf(app.creates).map((label) => ` ${label} | writes `),
    ]);
  });

  it('pay nothing and delete nothing', () => {
    expect(labelsOf(app.creates).join()).not.toMatch(/pay|delete|remove|cancel/i);
  });
});

describe('a write that is done again with the same texts', () => {
  let sandbox: Sandbox;
  let zapier: ZapierRunner;
  let stop: (() => Promise<void>) | undefined;

  let zaps: Zap[];

  beforeAll(async () => {
    ({ sandbox, zapier, stop } = await startBoth());
    await zapier.connect();
    zaps = await Promise.all(Object.keys(app.triggers).map((key) => zapier.turnOn(key)));
  });

  /** How many Zaps have run for all that was written so far. */
  async function runs(): Promise<number> {
    await sandbox.settled();
    await zapier.settled();
    return zaps.flatMap((zap) => zap.runs).length;
  }

  afterAll(() => stop?.());

  const JANE = { affiliate_id: 'Jane Doe' };

  const WRITES: Record<string, Record<string, string>> = {
    'Create Affiliate': { email: 'eve@example.com', display_name: 'Eve' },
    'Update Affiliate': { ...JANE, website: 'https://jane.example.com' },
    'Update Affiliate Status': { ...JANE, status: 'Approve' },
    'Create Tracking Link': { ...JANE, offer_id: 'Pro Plan' },
    'Record Conversion': { ...JANE, amount: '5', currency: 'EUR', external_id: '7' },
    'Update Conversion Status': { conversion_id: 'conv_abc123', status: 'Approve' },
  };

  it.each(labelsOf(app.creates))('%s changes nothing, and runs no Zap', async (label) => {
    const texts = WRITES[label] ?? {};
    const [first] = await zapier.callTool(label, texts);
    const before = await runs();
    const again = zapier.callTool(label, texts);
    if (label === 'Create Affiliate') await expect(again).rejects.toThrow(/this Email already/);
    else expect((await again)[0]).toEqual(first);
    expect(await runs()).toBe(before);
  });
});
