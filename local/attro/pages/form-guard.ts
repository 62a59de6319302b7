import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { html, type Html } from '../../../web/html.ts';
import { sendPage } from './page.ts';

/** Keeps other sites from sending the sandbox's forms in a person's name. */
export interface FormGuard {
  /** What each form holds. */
  field: Html;
  /** Lets only those forms pass whose field is right. Their body has been read before. */
  check: RequestHandler;
}

const FIELD = 'form_token';

/** The fields of a form: the text of each, or all texts where there are several of a name. */
export type Fields = Readonly<Record<string, string | string[] | undefined>>;

/** What a form sent; nothing where the request was no form. */
export function fieldsOf({ body }: Request): Fields {
  return (body ?? {}) as Fields;
}

/** The one text of a field; empty where there is none. */
export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

/**
 * Makes a guard. No other site can read what the field holds, since only a page of the sandbox's own
 * address may, and only loopback names count as that address.
 */
export function createFormGuard(): FormGuard {
  const token = randomBytes(32);
  const isRight = (text: string): boolean => {
    const given = Buffer.from(text, 'base64url');
    return given.length === token.length && timingSafeEqual(given, token);
  };
  return {
    field: html`<input type="hidden" name="${FIELD}" value="${token.toString('base64url')}" />`,
    check(request, response, next) {
      const { origin, host } = request.headers;
      const isOwn = origin === undefined || origin === `http://${host ?? ''}`;
      if (isOwn && isRight(textOf(fieldsOf(request), FIELD))) {
        next();
        return;
      }
      sendPage(request, response, {
        title: 'This form cannot be used',
        status: 403,
        alone: true,
        content: html`<p>
            It comes from another site, or from before the sandbox was started anew. Nothing was
            changed.
          </p>
          <p>Go back, load the page anew and fill it in there.</p>`,
      });
    },
  };
}
