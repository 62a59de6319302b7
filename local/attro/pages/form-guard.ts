import { randomBytes, timingSafeEqual } from 'node:crypto';
import express from 'express';
import type { Request, RequestHandler } from 'express';
import { html, type Html } from '../../html.ts';
import { sendPage } from './page.ts';

/** Keeps other sites from sending the sandbox's forms in a person's name. */
export interface FormGuard {
  /** What each form holds. */
  field: Html;
  /** Reads a form, and lets only those pass whose field is right. */
  check: RequestHandler;
}

const FIELD = 'form_token';

/** Room for a large payload, in which a character may take nine. */
const MAX_FORM = '2mb';

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

/** All texts of a field. */
export function textsOf(fields: Fields, name: string): string[] {
  return [fields[name] ?? []].flat();
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
  const readForm: RequestHandler = express.urlencoded({ extended: false, limit: MAX_FORM });
  const isOwn = (request: Request): boolean => {
    const { origin, host } = request.headers;
    return (
      (origin === undefined || origin === `http://${host ?? ''}`) &&
      isRight(textOf(fieldsOf(request), FIELD))
    );
  };
  return {
    field: html`<input type="hidden" name="${FIELD}" value="${token.toString('base64url')}" />`,
    check(request, response, next) {
      readForm(request, response, (error?: unknown) => {
        if (error !== undefined || isOwn(request)) {
          next(error);
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
      });
    },
  };
}
