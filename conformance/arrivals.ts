import type { EventName } from '../attro/contract.ts';
import { isRecord, type AttroRecord } from '../attro/values.ts';
import { trigger } from './app-calls.ts';
import { recordsGiven, type AppOnAnswers } from './app-on-answers.ts';
import type { Arrival } from './hook.ts';
import { readJson } from '../attro/json.ts';

/** The body of a delivery, and its record; an empty one where there is none. */
export function readArrival({ body }: Pick<Arrival, 'body'>): { json: unknown; data: AttroRecord } {
  const json = readJson(body.toString());
  return { json, data: isRecord(json) && isRecord(json['data']) ? json['data'] : {} };
}

/** Whether a delivery that arrived makes the app run a Zap once. */
export async function runsZap(
  app: AppOnAnswers,
  event: EventName,
  { headers, body }: Pick<Arrival, 'headers' | 'body'>,
  secret: string,
): Promise<boolean> {
  const { method, bundle = {} } = trigger(event, 'perform', {
    subscribeData: { id: 'conformance', secret },
    rawRequest: { method: 'POST', querystring: '', headers, content: body.toString() },
  });
  return recordsGiven(await app.run(method, bundle)).length === 1;
}
