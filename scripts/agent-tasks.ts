import { startSandbox, type Sandbox } from '../local/attro/index.ts';
import { appInProcess } from '../local/zapier/app.ts';
import { REDIRECT_URI, startZapierRunner, type ZapierRunner } from '../local/zapier/index.ts';
import type { StepRecord } from '../local/zapier/zap-steps.ts';
import app from '../index.ts';

/**
 * Tasks as people give them to an AI agent, done with the steps of the integration as tools and with text
 * alone: what docs/agents.md shows, and what a test holds it to.
 */

type Texts = Readonly<Record<string, string>>;

/** A use of a tool. */
interface Use {
  tool: string;
  /** What is filled in; `last` is what the tool before gave first. */
  texts: Texts | ((last: StepRecord) => Texts);
  /** The fields of the answer that the task is about. */
  shows?: readonly string[];
}

interface Task {
  asked: string;
  uses: readonly Use[];
  /** What the agent can answer then. */
  answer: string;
}

const SALE = { affiliate_id: 'Jane Doe', amount: '99.90', external_id: '1001' };
const FOUND_AFFILIATE = ['affiliate_id', 'affiliate_name', 'affiliate_email'];
const RECORDED = ['conversion_id', 'amount', 'currency', 'status'];
const PAID = ['affiliate_name', 'amount', 'currency', 'completed_at'];

const TASKS: readonly Task[] = [
  {
    asked: 'approve Jane Doe',
    uses: [
      {
        tool: 'Update Affiliate Status',
        texts: { affiliate_id: 'Jane Doe', status: 'Accepted' },
      },
      {
        tool: 'Update Affiliate Status',
        texts: { affiliate_id: 'Jane Doe', status: 'Approve' },
        shows: ['affiliate_name', 'affiliate_status'],
      },
    ],
    answer: 'Jane Doe is active now.',
  },
  {
    asked: 'give bob@example.com the link for Pro Plan',
    uses: [
      {
        tool: 'Create Tracking Link',
        texts: { affiliate_id: 'bob@example.com', offer_id: 'Pro' },
      },
      { tool: 'Find Offer', texts: { name: 'Pro' }, shows: ['offer_id', 'offer_name'] },
      {
        tool: 'Create Tracking Link',
        texts: ({ offer_id }) => ({ affiliate_id: 'bob@example.com', offer_id: String(offer_id) }),
        shows: ['affiliate_id', 'offer_name', 'tracking_url'],
      },
    ],
    answer: 'The link, which is the same one however often it is asked for.',
  },
  {
    asked: 'record a sale of 99.90 dollars by Jane, order 1001 (said twice)',
    uses: [
      { tool: 'Record Conversion', texts: { ...SALE, currency: 'dollars' } },
      { tool: 'Record Conversion', texts: { ...SALE, currency: 'USD' }, shows: RECORDED },
      { tool: 'Record Conversion', texts: { ...SALE, currency: 'USD' }, shows: RECORDED },
    ],
    answer: 'It is recorded, once: both times it is the same conversion.',
  },
  {
    asked: 'reject the conversion of customer@example.com, it was refunded',
    uses: [
      {
        tool: 'Update Conversion Status',
        texts: { conversion_id: 'customer@example.com', status: 'Reject', reason: 'Refunded' },
      },
      {
        tool: 'Find Conversion',
        texts: { customer_email: 'customer@example.com' },
        shows: ['conversion_id', 'amount', 'currency', 'status'],
      },
      {
        tool: 'Update Conversion Status',
        texts: ({ conversion_id }) => ({
          conversion_id: String(conversion_id),
          status: 'Reject',
          reason: 'Refunded',
        }),
        shows: ['conversion_id', 'status'],
      },
    ],
    answer: 'The conversion is rejected.',
  },
  {
    asked: 'when was Jane paid last, and John Smith?',
    uses: [
      { tool: 'Find Payout', texts: { affiliate_id: 'Jane', status: 'Sent' } },
      { tool: 'Find Affiliate', texts: { name: 'Jane' }, shows: FOUND_AFFILIATE },
      {
        tool: 'Find Payout',
        texts: ({ affiliate_id }) => ({ affiliate_id: String(affiliate_id), status: 'Sent' }),
        shows: PAID,
      },
      {
        tool: 'Find Payout',
        texts: { affiliate_id: 'John Smith', status: 'Sent' },
        shows: PAID,
      },
    ],
    answer: 'Jane Doe was never paid; John Smith on 26 January 2026.',
  },
  {
    asked: 'who is the affiliate of the conversion conv_abc123?',
    uses: [
      { tool: 'Find Affiliate', texts: { affiliate_id: 'conv_abc123' }, shows: FOUND_AFFILIATE },
      {
        tool: 'Find Conversion',
        texts: { conversion_id: 'conv_abc123' },
        shows: ['conversion_id', 'affiliate_id'],
      },
      {
        tool: 'Find Affiliate',
        texts: ({ affiliate_id }) => ({ affiliate_id: String(affiliate_id) }),
        shows: FOUND_AFFILIATE,
      },
    ],
    answer: 'John Smith, john.smith@example.com.',
  },
];

/** What came of a use of a tool. */
export interface Outcome {
  tool: string;
  texts: Texts;
  /** Of each record, what the task is about. */
  gave?: StepRecord[];
  error?: string;
}

export interface Transcript {
  asked: string;
  outcomes: Outcome[];
  answer: string;
}

/** Does each of the tasks against a local Attro, one after the other. */
export async function doTasks(): Promise<Transcript[]> {
  const sandbox = await startSandbox({ redirectUris: [REDIRECT_URI] });
  const zapier = await startZapierRunner({
    app: appInProcess(app),
    attro: sandbox,
  });
  try {
    await zapier.connect();
    await zapier.callTool('Create Affiliate', {
      email: 'bob@example.com',
      display_name: 'Bob Miller',
    });
    const transcripts: Transcript[] = [];
    for (const task of TASKS) transcripts.push(await doTask(zapier, sandbox, task));
    return transcripts;
  } finally {
    await zapier.stop();
    await sandbox.close();
  }
}

async function doTask(
  zapier: ZapierRunner,
  { baseUrl }: Sandbox,
  { asked, uses, answer }: Task,
): Promise<Transcript> {
  const outcomes: Outcome[] = [];
  let last: StepRecord = {};
  for (const { tool, texts, shows = [] } of uses) {
    const filled = typeof texts === 'function' ? texts(last) : texts;
    try {
      const records = await zapier.callTool(tool, filled);
      last = records[0] ?? {};
      // An address of this machine would be another one each time.
      const shown = (value: unknown): unknown =>
        typeof value === 'string' ? value.replace(baseUrl, 'https://get-attro.com') : value;
      const gave = records.map((record) =>
        Object.fromEntries(shows.map((key) => [key, shown(record[key])])),
      );
      outcomes.push({ tool, texts: filled, gave });
    } catch (error) {
      outcomes.push({ tool, texts: filled, error: messageOf(error) });
    }
  }
  return { asked, outcomes, answer };
}

/** What a user reads of an error: the platform hands over one that the app raised on purpose as JSON. */
function messageOf(error: unknown): string {
  const { message } = error as Error;
  return (JSON.parse(message) as { message: string }).message;
}

/** Ids and codes that Attro makes at random differ from run to run. */
const RANDOM = /(?<=_|\/r\/)[0-9a-f]{8,}\b/g;

/** The tasks as docs/agents.md shows them. */
export function tasksInWords(transcripts: readonly Transcript[]): string {
  return transcripts
    .map(({ asked, outcomes, answer }) =>
      [
        `### “${asked}”`,
        outcomes.map((outcome, at) => `${at + 1}. ${outcomeInWords(outcome)}`).join('\n'),
        `_${answer}_`,
      ].join('\n\n'),
    )
    .join('\n\n')
    .replace(RANDOM, '…');
}

function outcomeInWords({ tool, texts, gave, error }: Outcome): string {
  const given = pairsInWords(texts);
  if (error !== undefined) return `**${tool}** with ${given}: _${error}_`;
  const records = gave?.map(pairsInWords).join('; and ');
  return `**${tool}** with ${given}: ${records || 'nothing is found, which is no error'}.`;
}

function pairsInWords(pairs: Readonly<Record<string, unknown>>): string {
  return Object.entries(pairs)
    .map(([key, value]) => `${key} \`${String(value)}\``)
    .join(', ');
}
