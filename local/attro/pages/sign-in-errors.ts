import { html, type Html } from '../../html.ts';
import type { Page } from './page.ts';

/** An error of the authorization server: in OAuth2's words, and in its own for who runs it. */
export interface OauthError {
  error: string;
  error_description?: string | undefined;
  error_detail?: string | undefined;
}

interface Words {
  title: string;
  /** What happened, and what to do. */
  text: Html;
}

const AGAIN = html`<p>Go back to the app and connect once more.</p>`;

const ENDED: Words = {
  title: 'This sign-in has ended',
  text: html`<p>It was finished already, was opened in another browser, or waited too long.</p>
    ${AGAIN}`,
};

/** What is told of each error, by its name and, before that, by the server's own words for it. */
const ERRORS: Readonly<Record<string, Words>> = {
  invalid_client: {
    title: 'This app is not known here',
    text: html`<p>
        The address names a client that the sandbox does not have, or a wrong secret. A sandbox
        without <code>--data</code> makes a new client each time it starts.
      </p>
      <p>
        Copy <code>CLIENT_ID</code> and <code>CLIENT_SECRET</code> from what the sandbox printed
        when it started, and connect once more.
      </p>`,
  },
  invalid_redirect_uri: {
    title: 'The sign-in may not go back to this address',
    text: html`<p>
        The app asks to be answered at an address that was not registered for it, so no answer was
        sent there.
      </p>
      <p>
        Check the app’s redirect URI. To allow it, start the sandbox with
        <code>--redirect-uri</code> and exactly this address.
      </p>`,
  },
  'authorization code is expired': {
    title: 'The code has expired',
    text: html`<p>A code can be exchanged for one minute after the sign-in.</p>
      ${AGAIN}`,
  },
  'authorization code already consumed': {
    title: 'The code was used already',
    text: html`<p>
        A code can be exchanged once. As somebody else may have it, the tokens that it gave are
        revoked.
      </p>
      ${AGAIN}`,
  },
  'authorization code not found': {
    title: 'The code is not known',
    text: html`<p>
        It was never given, or was used already, or was from before the sandbox was started anew.
      </p>
      ${AGAIN}`,
  },
  'authorization request has expired': ENDED,
  'interaction session id cookie not found': ENDED,
  'interaction session not found': ENDED,
  'authorization session and cookie identifier mismatch': ENDED,
  'session not found': ENDED,
  'session principal changed': ENDED,
};

const OTHER: Words = {
  title: 'The sign-in cannot go on',
  text: html`<p>The app’s request is not one that Attro can answer.</p>
    ${AGAIN}`,
};

/** The page that tells a person why an authorization, or an exchange, was refused. */
export function oauthErrorPage({ error, error_description, error_detail }: OauthError): Page {
  const details = [error_description, error_detail].filter((part) => part !== undefined);
  const { title, text } =
    [...details, error].map((name) => ERRORS[name]).find((words) => words) ?? OTHER;
  return {
    title,
    status: error === 'invalid_client' ? 401 : 400,
    alone: true,
    content: html`${text}
      <p class="quiet">
        For developers: <code>${error}</code>
        ${details.map((part) => html`<span>– ${part}</span> `)}
      </p>`,
  };
}
