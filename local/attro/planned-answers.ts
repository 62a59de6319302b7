import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

import { refusal } from './error-answers.ts';

/** How to answer the next matching requests instead of serving them. */
export interface PlannedAnswer {
  method: string;
  /** The path without its query: equal to the text, or matched by the expression. */
  path: string | RegExp;
  /** Default 500. A rule with neither status, body nor headers only delays. */
  status?: number;
  /** Default: an error body in Attro's shape. */
  body?: string;
  headers?: Record<string, string>;
  /** Milliseconds to wait first. */
  delayMs?: number;
  /** How many requests the rule is for; default 1. */
  times?: number;
}

/** Answers planned ahead, oldest rule first. */
export class PlannedAnswers {
  #rules: { rule: PlannedAnswer; left: number }[] = [];

  /** Adds a rule behind the others. */
  add(rule: PlannedAnswer): void {
    this.#rules.push({ rule, left: rule.times ?? 1 });
  }

  /** Takes one use of the first rule that fits a request. */
  take(method: string, path: string): PlannedAnswer | undefined {
    const found = this.#rules.find(
      ({ rule }) =>
        rule.method.toUpperCase() === method &&
        (typeof rule.path === 'string' ? rule.path === path : path.search(rule.path) >= 0),
    );
    if (!found) return undefined;
    found.left -= 1;
    this.#rules = this.#rules.filter(({ left }) => left > 0);
    return found.rule;
  }
}

/**
 * Waits as a rule says, then answers.
 *
 * @returns false when the rule is only a delay, so that the request still has to be served.
 */
export async function answerAsPlanned(
  { status, body, headers, delayMs }: PlannedAnswer,
  response: ServerResponse,
  stopping: AbortSignal,
): Promise<boolean> {
  if (delayMs) await wait(delayMs, undefined, { signal: stopping }).catch(() => undefined);
  if (status === undefined && body === undefined && headers === undefined) return false;

  const planned = refusal(status ?? 500, 'A failure that was asked for');
  response.writeHead(planned.status, { 'Content-Type': 'application/json', ...headers });
  response.end(body ?? JSON.stringify(planned.body));
  return true;
}
