import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request, Response } from 'express';
import { html, type Html } from '../../html.ts';
import { refusal, sendAnswer } from '../error-answers.ts';

/** A link, marked as such where it leads to the page that it is on. */
export function link(href: string, text: string, isHere: boolean): Html {
  return html`<a href="${href}" ${isHere ? html`aria-current="page"` : ''}>${text}</a>`;
}

/** A page of the sandbox. */
export interface Page {
  /** The page's heading and, before the product's name, its title. */
  title: string;
  content: Html;
  /** Default 200. */
  status?: number;
  /** Only for who passes by: without the links to other pages. */
  alone?: boolean;
}

function document({ title, content, alone }: Page, path: string): string {
  const navigation = html`<nav aria-label="Sandbox">
      ${link('/', 'Webhooks', path === '/')} ${link('/send', 'Send an event', path === '/send')}
    </nav>
    <p class="quiet" id="live-status" role="status"></p>`;
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>${title} – Attro sandbox</title>
      <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
      <link rel="stylesheet" href="/assets/pages.css" />
      <script src="/assets/live.js" defer></script>
    </head>
    <body ${alone ? html`class="alone"` : ''}>
      <header>
        <p class="brand">Attro <b>sandbox</b></p>
        ${alone ? '' : navigation}
      </header>
      <main id="main" tabindex="-1">
        <h1>${title}</h1>
        ${content}
      </main>
      <footer>
        A local stand-in for Attro. Nothing here reaches a real account.
        ${alone ? '' : 'Times are in UTC.'}
      </footer>
    </body>
  </html>`;
  return `<!doctype html>\n${page.html}`;
}

/** A page asks no other host for anything, runs nothing that stands in it, and no other site may frame it. */
const POLICY = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Gives an answer the status and headers of a page. @returns its body. */
export function preparePage(
  request: IncomingMessage,
  response: ServerResponse,
  page: Page,
): string {
  response.statusCode = page.status ?? 200;
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Security-Policy', POLICY);
  return document(page, request.url?.replace(/\?.*$/s, '') ?? '');
}

/** Sends a page as the whole answer. */
export function sendPage(request: IncomingMessage, response: ServerResponse, page: Page): void {
  response.end(preparePage(request, response, page));
}

/** What is said of a status: to programs, and below it to people. */
const WORDS: Readonly<Record<number, [error: string, text: string]>> = {
  403: ['Forbidden', 'Pages of other sites may not ask for this. Nothing was changed.'],
  404: ['Not found', 'The address is wrong, or what it names was removed, as by an answer of 410.'],
  500: ['Internal error', 'This is a defect of the sandbox, and not of what you did.'],
};
const MALFORMED = ['Malformed request', 'It holds something that cannot be used, or too much.'];

/** Says why there is no better answer: to browsers with a page, to others as the API does. */
export function sendRefusal(request: Request, response: Response, status: number): void {
  const [error = '', text = ''] = WORDS[status] ?? MALFORMED;
  if (request.accepts(['json', 'html']) === 'html') {
    const content = html`<p>${text}</p>
      <p><a href="/">All webhooks</a></p>`;
    sendPage(request, response, { title: error, status, content });
  } else {
    sendAnswer(response, refusal(status, error));
  }
}
