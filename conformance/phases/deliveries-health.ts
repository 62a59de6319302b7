import { isRecord, toNumber, type AttroRecord } from '../../attro/values.ts';
import { appTakes } from '../app-calls.ts';
import { hasStatus, judgeField, success, valueAt, type Records } from '../judging.ts';
import { ownFieldsOf } from '../openapi.ts';
import { judgeEnvelope, recordsIn } from '../pages.ts';
import { differs, HOLDS, type Row } from '../row.ts';
import { count, describe } from '../words.ts';
import { attemptsOf, type DeliveriesEvidence } from './deliveries-evidence.ts';

type HealthRow = Row<DeliveriesEvidence>;

/** Every delivery that any answer tells of. */
function deliveriesIn({ list, moved, dropped, repeated }: DeliveriesEvidence): Records {
  const found = [list, moved?.list, dropped?.list, repeated?.list].flatMap((page) =>
    recordsIn(success(page)?.json),
  );
  return found.length > 0 ? found : { none: 'no delivery is listed' };
}

function inside(records: Records, take: (record: AttroRecord) => AttroRecord[]): Records {
  if ('none' in records) return records;
  const found = records.flatMap(take);
  return found.length > 0 ? found : { none: 'no attempt is told of' };
}

function healthIn({ health }: DeliveriesEvidence): Records {
  const json = success(health)?.json;
  return isRecord(json) ? [json] : { none: 'the health did not come' };
}

function recentIn({ recent_attempts: recent }: AttroRecord): AttroRecord[] {
  return Array.isArray(recent) ? recent.filter(isRecord) : [];
}

function fieldRows(
  prefix: string,
  schema: string,
  noun: string,
  recordsOf: (evidence: DeliveriesEvidence) => Records,
): HealthRow[] {
  return ownFieldsOf(schema).map((field) => ({
    id: `${prefix}.${field.name}`,
    assumed: `${noun} has ${field.name}.`,
    facts: [`${schema}.${field.name}`],
    judge: (evidence) => judgeField(recordsOf(evidence), field),
    copes: ({ health }, app) => appTakes(app, health),
  }));
}

/** What Attro tells of an endpoint's deliveries. The app asks none of it. */
export const HEALTH_ROWS: readonly HealthRow[] = [
  {
    id: 'deliveries.list.envelope',
    assumed: 'GET /webhooks/{id}/deliveries gives a page with data and next_cursor.',
    facts: ['listDeliveries', 'DeliveryPage.data', 'DeliveryPage.next_cursor'],
    judge: ({ list }) => judgeEnvelope(list),
    copes: ({ list }, app) => appTakes(app, list),
  },
  {
    id: 'deliveries.list.complete',
    assumed: 'It lists every delivery, each one delivered with one attempt.',
    facts: ['listDeliveries', 'DeliveryStatus', 'DeliveryAccepted'],
    judge: ({ list, tested }) => {
      const status = hasStatus(list, 200);
      if (status.is !== 'holds') return status;
      const found = recordsIn(success(list)?.json);
      const right = found.filter(
        (each) => each['status'] === 'succeeded' && attemptsOf(each).length === 1,
      );
      const came = `${right.length} of ${found.length}`;
      return right.length === tested.size
        ? HOLDS
        : differs(`${tested.size} that have succeeded`, came);
    },
    copes: ({ list }, app) => appTakes(app, list),
  },
  {
    id: 'deliveries.list.status',
    assumed: '?status= leaves only deliveries of this status.',
    facts: ['listDeliveries?status'],
    judge: ({ failed }) => {
      const status = hasStatus(failed, 200);
      if (status.is !== 'holds') return status;
      const { length } = recordsIn(success(failed)?.json);
      return length === 0 ? HOLDS : differs('none, as none has failed', count(length, 'record'));
    },
    copes: ({ failed }, app) => appTakes(app, failed),
  },
  {
    id: 'deliveries.list.pages',
    assumed: 'It has pages: a limit, and a next_cursor that leads on.',
    facts: ['listDeliveries?limit', 'listDeliveries?cursor'],
    judge: ({ first, second }) => {
      const status = hasStatus(first, 200);
      if (status.is !== 'holds') return status;
      const [one, ...more] = recordsIn(success(first)?.json);
      if (more.length > 0) return differs('1 for a limit of 1', String(more.length + 1));
      if (!second) return differs('a next_cursor', 'none');
      const next = recordsIn(success(second)?.json)[0];
      return next && next['id'] !== one?.['id'] ? HOLDS : differs('the next one', describe(next));
    },
    copes: ({ first }, app) => appTakes(app, first),
  },
  ...fieldRows('deliveries.field', 'Delivery', 'A delivery', deliveriesIn),
  ...fieldRows('deliveries.attempt', 'Attempt', 'An attempt', (evidence) =>
    inside(deliveriesIn(evidence), attemptsOf),
  ),
  {
    id: 'deliveries.health.counts',
    assumed: 'GET /webhooks/{id}/health counts the deliveries and attempts.',
    facts: ['getWebhookHealth', 'WebhookHealth.deliveries', 'WebhookHealth.attempts'],
    judge: ({ health, tested }) => {
      const status = hasStatus(health, 200);
      if (status.is !== 'holds') return status;
      const counted = [
        ['deliveries', 'succeeded'],
        ['attempts', 'succeeded'],
      ].map((path) => toNumber(valueAt(success(health)?.json, path)));
      return counted.every((each) => each === tested.size)
        ? HOLDS
        : differs(`${tested.size} that have succeeded`, counted.map(String).join(' and '));
    },
    copes: ({ health }, app) => appTakes(app, health),
  },
  ...fieldRows('deliveries.health', 'WebhookHealth', 'The health', healthIn),
  ...fieldRows('deliveries.recent', 'RecentAttempt', 'A recent attempt', (evidence) =>
    inside(healthIn(evidence), recentIn),
  ),
];
