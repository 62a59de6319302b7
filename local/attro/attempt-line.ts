import type { AttemptReport } from './webhooks/deliveries.ts';

/** A time as a person says it: `1 minute`, `90 seconds`, `250 ms`. */
function inWords(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds} ms`;
  const seconds = Math.round(milliseconds / 1000);
  const [count, unit] = seconds % 60 === 0 ? [seconds / 60, 'minute'] : [seconds, 'second'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** An attempt as a line: event, endpoint, what came, how long it took, what follows. */
export function lineFor({
  event,
  endpointId,
  attempt,
  nextInMs,
  endpointIs,
}: AttemptReport): string {
  const { number, started_at, duration_ms, response_status, error } = attempt;
  const answer = response_status ?? error?.replaceAll('_', ' ') ?? 'no answer';
  const next = nextInMs === null ? '' : `, next attempt in ${inWords(nextInMs)}`;
  const end = endpointIs ? `, the endpoint is ${endpointIs}` : '';
  const time = started_at.slice(11, 19);
  return (
    `${time} ${event} to ${endpointId}: attempt ${number}, ${answer} in ` +
    `${inWords(duration_ms)}${next}${end}`
  );
}
