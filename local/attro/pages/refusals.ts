import type { Request, Response } from 'express';
import { html } from '../../html.ts';
import { refusal, sendAnswer } from '../error-answers.ts';
import { sendPage } from './page.ts';

/** What is said of a status: to programs, and on the page for people. */
interface Words {
  error: string;
  title: string;
  text: string;
}

const GONE: Words = {
  error: 'Not found',
  title: 'There is nothing here',
  text:
    'The address is wrong, or what it names was removed. An endpoint that answers 410 is removed ' +
    'by that, too.',
};

const MALFORMED: Words = {
  error: 'Malformed request',
  title: 'This cannot be read',
  text: 'The address or the form holds something that cannot be used, or too much.',
};

const FAILURE: Words = {
  error: 'Internal error',
  title: 'The sandbox has failed',
  text: 'This is a defect of the sandbox, and not of what you did.',
};

/** Says why there is no better answer: to browsers with a page, to others as the API does. */
export function sendRefusal(request: Request, response: Response, status: number): void {
  const { error, title, text } = status === 404 ? GONE : status < 500 ? MALFORMED : FAILURE;
  if (request.accepts(['json', 'html']) === 'html') {
    const content = html`<p>${text}</p>
      <p><a href="/">All webhooks</a></p>`;
    sendPage(request, response, { title, status, content });
  } else {
    sendAnswer(response, refusal(status, error));
  }
}
