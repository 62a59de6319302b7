import type { HttpResponse, ZObject } from 'zapier-platform-core';
import { isRecord, toRecord } from './values.ts';
import type { Scope } from './contract.ts';

/** What a request was about, in the words of a message. */
export interface Purpose {
  /** What was being done, so that "Attro could not {doing}" reads well. */
  doing: string;
  /** The permission that the request needs; absent where none does. */
  scope?: Scope;
  /** What there is to say of a request that changes something; absent where it only asks. */
  write?: WriteWords;
}

/** What a message about a failed write can say beyond that it failed. */
export interface WriteWords {
  /** The labels of the fields that are sent, by Attro's names for them. */
  labels: ReadonlyMap<string, string>;
  /** What a conflict (409) means here, and what to do, as sentences. */
  conflict?: string;
  /** What a record that is gone (404) means here, and what to do, as sentences. */
  gone?: string;
  /** How a user sees whether a write without an answer has happened, as a sentence. */
  look: string;
}

/** How long to wait when Attro asks for patience without saying how much, in seconds. */
const DEFAULT_DELAY_SECONDS = 60;

/** The longest wait that is passed on to Zapier, in seconds. */
const MAX_DELAY_SECONDS = 24 * 60 * 60;

const MAX_DETAIL_LENGTH = 200;

const MAX_DETAILS = 5;

type Call<B, R> = (z: ZObject, bundle: B) => R | Promise<R>;

/**
 * Makes a function that Zapier calls fail only with errors that are meant for a user and hold nothing
 * secret: Zapier's own pass, anything else is a defect of this integration and says just that.
 */
export function withReadableErrors<B, R>(call: Call<B, R>) {
  return async (z: ZObject, bundle: B): Promise<R> => {
    try {
      return await call(z, bundle);
    } catch (error) {
      const { Error: AppError, ThrottledError, RefreshAuthError, ExpiredAuthError } = z.errors;
      const isMeant = [AppError, ThrottledError, RefreshAuthError, ExpiredAuthError].some(
        (kind) => error instanceof kind,
      );
      // To the message of an error that is not marked so, Zapier appends the whole bundle, with the
      // subscription's secret and personal data.
      if (isMeant) throw Object.assign(error as Error, { doNotContextify: true });
      // Only its kind is told: a message may quote what the bundle holds.
      const kind = (Object(error) as object).constructor.name;
      throw new AppError(
        `The Attro integration has run into a problem of its own (${kind}). Please tell Attro support.`,
        'internal',
      );
    }
  };
}

/**
 * Turns an answer of Attro that is not a success into the one error that is right for it.
 *
 * A 401 does not come here: Zapier raises `RefreshAuthError` for it before anything else runs.
 */
export function errorFor(z: ZObject, response: HttpResponse<unknown>, purpose: Purpose): Error {
  const { status } = response;
  const retryAfter = retryAfterSeconds(response.getHeader('retry-after'));
  if (status === 429 || (status === 503 && retryAfter !== null)) {
    return new z.errors.ThrottledError(
      'Attro is receiving too many requests right now. Zapier will try again by itself.',
      retryAfter ?? DEFAULT_DELAY_SECONDS,
    );
  }
  const body = isRecord(response.data) ? response.data : {};
  const { write } = purpose;
  const said = describe(body, write?.labels);
  const problem = (message: string, code: string): Error =>
    new z.errors.Error(`Attro could not ${purpose.doing}. ${message}`, code, status);

  if (status >= 300 && status < 400) {
    return problem(
      'It answered with a redirect to another address, which is not followed so that your ' +
        'connection stays private. Please tell Attro support.',
      'redirect',
    );
  }
  if (status >= 500 && write) {
    return unconfirmed(
      z,
      purpose,
      write,
      `it has a problem at the moment (${status})`,
      'unavailable',
    );
  }
  if (status >= 500 || body['retryable'] === true) {
    return problem(
      `Attro has a problem at the moment (${status}). Nothing is wrong with your Zap: try again in ` +
        'a few minutes.',
      'unavailable',
    );
  }
  switch (status) {
    case 403:
      return problem(
        purpose.scope
          ? `Your connection lacks the permission "${purpose.scope}". Reconnect Attro in Zapier and ` +
              'allow everything it asks for, as an administrator of your Attro organization.'
          : 'Your connection is not allowed to do this. Reconnect Attro in Zapier as an ' +
              'administrator of your Attro organization.',
        'permission_missing',
      );
    case 404:
    case 410:
      return problem(
        write?.gone ??
          'What it needs is no longer in Attro. Check that nothing this step refers to was deleted.',
        'not_found',
      );
    case 409:
      return problem(
        `${write?.conflict ?? 'It is in conflict with something in Attro already.'}${said}`,
        'conflict',
      );
    case 400:
    case 422:
      return problem(
        `Attro did not accept what was sent.${said} Check the fields of this step.`,
        'invalid',
      );
    default:
      return problem(
        status < 300
          ? `It answered with an error.${said}`
          : `Attro refused with status ${status}.${said}`,
        'refused',
      );
  }
}

/**
 * Tells whether a 403 means what a 401 does: it names `invalid_token`, which RFC 6750, 3.1, has belong to a
 * 401, on which Zapier renews the token. Servers differ.
 */
export function namesInvalidToken(response: HttpResponse<unknown>): boolean {
  const { status, data } = response;
  const named = isRecord(data) ? data['error'] : undefined;
  return (
    status === 403 &&
    (/\berror="?invalid_token\b/i.test(response.getHeader('www-authenticate') ?? '') ||
      (isRecord(named) ? named['code'] : named) === 'invalid_token')
  );
}

/** Tells whether the body of a success says that there is an error, and holds no record and no list. */
export function isRefusal(data: unknown): boolean {
  if (!isRecord(data) || !data['error'] || toRecord(data)) return false;
  return !Array.isArray(data['data']) || data['data'].length === 0;
}

/** A success whose body is not what it should be. */
export function unreadableAnswer(z: ZObject, purpose: Purpose): Error {
  const code = 'unreadable_answer';
  if (purpose.write)
    return unconfirmed(z, purpose, purpose.write, 'its answer could not be read', code);
  return new z.errors.Error(
    `Attro could not ${purpose.doing}. Its answer could not be read. Try again in a few minutes; if ` +
      'that does not help, tell Attro support.',
    code,
  );
}

/** No answer: the connection failed, or it took too long. */
export function noAnswer(z: ZObject, purpose: Purpose): Error {
  const code = 'no_answer';
  if (purpose.write)
    return unconfirmed(
      z,
      purpose,
      purpose.write,
      'it did not answer in time or the connection broke',
      code,
    );
  return new z.errors.Error(
    `Attro could not ${purpose.doing}. It did not answer in time or could not be reached. Try again ` +
      'in a few minutes.',
    code,
  );
}

/** A write of which nobody can tell whether it has happened. */
function unconfirmed(
  z: ZObject,
  { doing }: Purpose,
  { look }: WriteWords,
  why: string,
  code: string,
): Error {
  return new z.errors.Error(
    `It is not certain whether Attro could ${doing}: ${why}. It may have happened all the same. ${look}`,
    code,
  );
}

/**
 * Seconds to wait, from a Retry-After header of either form (RFC 9110, 10.2.3): a number of seconds
 * or a date. Null where the header is absent or says nothing.
 */
export function retryAfterSeconds(
  header: string | null | undefined,
  now: number = Date.now(),
): number | null {
  const value = header?.trim();
  if (!value) return null;
  const seconds = /^\d+$/.test(value) ? Number(value) : Math.ceil((Date.parse(value) - now) / 1000);
  return Number.isNaN(seconds) ? null : Math.min(Math.max(seconds, 1), MAX_DELAY_SECONDS);
}

/** What Attro itself says is wrong, as ` Attro says: …`; empty where it says nothing readable. */
function describe(
  body: Readonly<Record<string, unknown>>,
  labels?: ReadonlyMap<string, string>,
): string {
  const details = Array.isArray(body['details']) ? body['details'] : [];
  const parts = details
    .slice(0, MAX_DETAILS)
    .filter(isRecord)
    .map(({ path, message }) => {
      const names = Array.isArray(path) ? path.filter(isName).map(String) : [];
      const field = names
        .map((name, depth) => (depth === 0 ? labels?.get(name) : null) ?? name)
        .join('.');
      return [field, readable(message)].filter(Boolean).join(': ');
    })
    .filter(Boolean);
  const said =
    parts.length > 0
      ? parts.join('; ')
      : readable(isRecord(body['error']) ? body['error']['message'] : body['error']);
  return said ? ` Attro says: ${said.replace(/[.\s]+$/, '')}.` : '';
}

function isName(part: unknown): boolean {
  return typeof part === 'number' || (typeof part === 'string' && /^[\w-]{1,60}$/.test(part));
}

/** A text of Attro's that may be shown: one line, no markup, nothing that looks like a secret. */
function readable(text: unknown): string {
  if (typeof text !== 'string' || /^\s*[[{<]/.test(text)) return '';
  return text
    .replace(/[\p{C}\s]+/gu, ' ')
    .replace(/\b(?:whsec_|sk_(?:live|test)_|Bearer\s+)\S+|\b[\w-]{32,}\b/gi, '[hidden]')
    .trim()
    .slice(0, MAX_DETAIL_LENGTH);
}
