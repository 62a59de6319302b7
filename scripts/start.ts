import { startSandbox, type Sandbox } from '../local/attro/index.ts';
import { readRecipes, type Recipe } from '../templates/recipe.ts';
import { TRIGGER_TABLE } from '../triggers/table.ts';
import {
  REDIRECT_URI,
  startZapierRunner,
  type Zap,
  type ZapierRunner,
} from '../local/zapier/index.ts';
import { startAppProcess } from '../local/zapier/app-process.ts';
import { describeRun, heading, row, table } from './start-output.ts';

/**
 * Shows the whole integration at work over real HTTP: connects to a local Attro, turns on a Zap for
 * each trigger, has Attro emit each event, and prints what arrived and what the templates make of it;
 * then a Zap that writes back.
 * Any failure ends it with a message and a non-zero exit code.
 */

type Row = (typeof TRIGGER_TABLE)[number];

function check(condition: boolean, failure: string): asserts condition {
  if (!condition) throw new Error(failure);
}

async function showTrigger(
  sandbox: Sandbox,
  zapier: ZapierRunner,
  { key, label, event }: Row,
  recipes: readonly Recipe[],
): Promise<Zap> {
  const listed = await zapier.listRecords(key);
  const zap = await zapier.turnOn(key);
  check(
    sandbox.subscriptions().some(({ url }) => url === zap.hookUrl),
    `${label}: Attro knows no subscription for the Zap that was turned on.`,
  );

  const emit = async (data?: Record<string, unknown>): Promise<Record<string, unknown>> => {
    const results = await sandbox.emit(event, data && { data });
    await zapier.settled();
    check(
      results.every(({ status }) => status === 'succeeded'),
      `${label}: Attro could not deliver ${event}.`,
    );
    const run = zap.runs.at(-1);
    check(run !== undefined, `${label}: ${event} never reached the Zap.`);
    check(run.error === undefined, `${label}: ${run.error}`);
    const [record] = run.records;
    check(record !== undefined && run.records.length === 1, `${label}: ${event} made no Zap run.`);
    return record;
  };

  const record = await emit();
  const shape = `${Object.keys(record).length} fields`;
  console.log(heading(label, event, `1 run of ${shape}, ${listed.length} records listed`));
  console.log(describeRun(record, recipes));
  for (const recipe of recipes.filter(({ filter }) => filter !== undefined)) {
    // The guide's payload stops at the filter, so a larger one shows what passes it.
    const larger = await emit({ id: 'conv_big750', amount: 750, commission_amount: 150 });
    console.log(describeRun(larger, [recipe]));
  }
  return zap;
}

/** Shows on one Zap that a forged delivery makes no run and a doubled one a single run. */
async function showTrust(
  sandbox: Sandbox,
  zapier: ZapierRunner,
  zaps: readonly Zap[],
): Promise<void> {
  const zap = zaps.find(({ triggerKey }) => triggerKey === 'payout_sent');
  check(zap !== undefined, 'No Zap is on for payouts.');
  const recordsOfNewRuns = async (deliver: () => Promise<unknown>): Promise<number> => {
    const before = zap.runs.length;
    await deliver();
    await zapier.settled();
    return zap.runs.slice(before).flatMap(({ records }) => records).length;
  };

  const afterForged = await recordsOfNewRuns(() =>
    sandbox.emit('payout.completed', { forge: 'signature' }),
  );
  check(afterForged === 0, 'A forged payout ran the Zap.');
  console.log(row('Forged payout', 'no run: its signature does not match'));

  const afterDoubled = await recordsOfNewRuns(() =>
    sandbox.emit('payout.completed', { data: { id: 'pay_twice' }, copies: 2 }),
  );
  check(afterDoubled === 1, `A payout delivered twice made ${afterDoubled} runs.`);
  console.log(row('Sent twice', '1 run for a payout that Attro delivered twice'));
}

/** Shows that a Zap does not go silent whose endpoint a person removes in Attro. */
async function showPause(sandbox: Sandbox, zapier: ZapierRunner, zap: Zap): Promise<void> {
  const endpoint = `${sandbox.baseUrl}/api/v1/webhooks/${String(zap.subscribeData['id'])}`;
  await fetch(endpoint, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${sandbox.apiKey}` },
  });
  await sandbox.settled();
  await zapier.settled();
  check(zap.state === 'paused', 'A Zap whose endpoint was removed in Attro was not paused.');
  console.log(row('Removed', 'in Attro, by a person: the Zap is paused, and its owner sees that'));
  await zapier.turnOnAgain(zap);
  console.log(row('Turned on', 'again by its owner: it has subscribed anew'));
}

/**
 * Shows a Zap that looks up and writes back: a high fraud score has its conversion rejected, which
 * another Zap is then told of.
 */
async function showWriteBack(
  sandbox: Sandbox,
  zapier: ZapierRunner,
  zaps: readonly Zap[],
): Promise<Zap> {
  const told = zaps.find(({ triggerKey }) => triggerKey === 'conversion_rejected');
  check(told !== undefined, 'No Zap is on for rejected conversions.');
  const zap = await zapier.turnOn('high_fraud_score', { min_fraud_score: 90 }, [
    {
      name: 'conversion',
      kind: 'search',
      key: 'find_conversion',
      inputs: ({ trigger }) => ({ conversion_id: trigger?.['conversion_id'] }),
    },
    {
      name: 'rejected',
      kind: 'create',
      key: 'update_conversion_status',
      inputs: ({ trigger, conversion }) => ({
        conversion_id: conversion?.['conversion_id'],
        status: 'rejected',
        reason: `Fraud score ${String(trigger?.['fraud_score'])}`,
      }),
    },
  ]);
  const before = told.runs.length;
  await sandbox.emit('fraud.detected', { data: { fraud_score: 95 } });
  await zapier.settled();
  const [run] = zap.runs.flatMap(({ steps }) => steps);
  check(run !== undefined, 'High Fraud Score: the Zap that writes back did not run.');
  check(run.error === undefined, `${run.error?.step}: ${run.error?.message}`);
  const { conversion, rejected } = run.given;
  check(rejected?.['status'] === 'rejected', 'Update Conversion Status: nothing was rejected.');

  await sandbox.settled();
  await zapier.settled();
  const [rejection] = told.runs.slice(before).flatMap(({ records }) => records);
  check(
    rejection !== undefined && rejection['conversion_id'] === rejected['conversion_id'],
    'Conversion Rejected: the rejection by the Zap did not arrive.',
  );
  console.log(heading('A Zap that writes back', 'fraud.detected', '2 steps'));
  console.log(
    table([
      ['High Fraud Score', `${String(rejected['conversion_id'])} has a fraud score of 95`],
      ['Find Conversion', `it is ${String(conversion?.['status'])}`],
      ['Update Conversion Status', `it is ${rejected['status']} now`],
      [
        'Conversion Rejected',
        `was ${String(rejection['previous_status'])}: ${String(rejection['rejection_reason'])}`,
      ],
    ]).join('\n'),
  );
  return zap;
}

async function main(): Promise<void> {
  const sandbox = await startSandbox({ redirectUris: [REDIRECT_URI] });
  try {
    const zapier = await startZapierRunner({
      app: await startAppProcess(process.cwd()),
      attro: sandbox,
    });
    await show(sandbox, zapier).finally(() => zapier.stop());
  } finally {
    await sandbox.close();
  }
}

async function show(sandbox: Sandbox, zapier: ZapierRunner): Promise<void> {
  console.log(row('Attro', `a sandbox at ${sandbox.baseUrl}`));
  console.log(row('Connection', `${await zapier.connect()}, by OAuth2 with PKCE`));

  const recipes = readRecipes();
  const zaps: Zap[] = [];
  for (const trigger of TRIGGER_TABLE) {
    // Those of several steps need what their other steps give.
    const own = recipes.filter(({ steps, trigger: { key } }) => !steps && key === trigger.key);
    zaps.push(await showTrigger(sandbox, zapier, trigger, own));
  }

  zaps.push(await showWriteBack(sandbox, zapier, zaps));

  console.log();
  await showTrust(sandbox, zapier, zaps);
  if (zaps[0]) await showPause(sandbox, zapier, zaps[0]);
  for (const zap of zaps) await zapier.turnOff(zap);
  const left = sandbox.subscriptions().length;
  check(left === 0, `${left} subscriptions are left in Attro after every Zap was turned off.`);
  console.log(row('Turned off', `${zaps.length} Zaps, and no subscription is left in Attro`));
}

try {
  await main();
} catch (error) {
  console.error(`\nFailed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
