import express from 'express';
import type { Request, Response, Router } from 'express';
import { errors } from 'oidc-provider';
import type Provider from 'oidc-provider';
import { html, type Html } from '../../html.ts';
import type { Scope } from '../../../attro/contract.ts';
import { SEEDED_USER } from '../records/seed.ts';
import { sendPage, type Page } from './page.ts';
import { textOf } from './shown.ts';

/** What a permission lets an app do, in the words of the page that asks for it. */
const PERMISSIONS: Readonly<Record<Scope, string>> = {
  'affiliates:read': 'See your affiliates',
  'conversions:read': 'See your conversions and their fraud scores',
  'payouts:read': 'See your payouts',
  'offers:read': 'See your offers',
  'webhooks:write': 'Be told of events: add, change and remove webhook endpoints',
  'affiliates:write': 'Create affiliates, change, approve and suspend them',
  'conversions:write': 'Record conversions, approve and reject them',
  'links:write': 'Create tracking links',
};

function permission(scope: string): Html {
  const words = (PERMISSIONS as Readonly<Record<string, string>>)[scope];
  return html`<li>${words ?? 'Use a permission of another name'} <code>${scope}</code></li>`;
}

function consent(app: string, scope: string, redirectUri: string): Html {
  const { name, email, organization } = SEEDED_USER;
  return html`<p>
      You are signed in as <b>${name}</b> (${email}). The connection is to one organization,
      <b>${organization.name}</b>.
    </p>
    <h2>${app} will be able to</h2>
    <ul>
      ${scope.split(' ').filter(Boolean).map(permission)}
    </ul>
    <form method="post">
      <p class="buttons">
        <button name="decision" value="allow">Allow</button>
        <button class="plain" name="decision" value="deny">Deny</button>
      </p>
    </form>
    <p class="quiet">Either way you go back to <code>${redirectUri}</code>.</p>`;
}

/** What to do about an error of the authorization server, by its name. */
const ADVICE: Readonly<Record<string, string>> = {
  invalid_client:
    'This app is not known here. A sandbox without --data makes a new client each time it starts: copy ' +
    'CLIENT_ID and CLIENT_SECRET from what it printed, and connect once more.',
  invalid_redirect_uri:
    'The sign-in may not go back to this address. To allow it, start the sandbox with --redirect-uri and ' +
    'exactly this address.',
};

/** The page that tells a person why an authorization, or an exchange, was refused. */
export function oauthErrorPage(error: {
  error: string;
  error_description?: string | undefined;
  error_detail?: string | undefined;
}): Page {
  const details = [error.error, error.error_description, error.error_detail].filter(Boolean);
  return {
    title: 'The sign-in cannot go on',
    status: error.error === 'invalid_client' ? 401 : 400,
    alone: true,
    content: html`<p>
        ${ADVICE[error.error] ?? 'It has ended, or was not asked for as it must be. Go back to the app and connect once more.'}
      </p>
      <p class="quiet">For developers: <code>${details.join(' – ')}</code></p>`,
  };
}

function scopeOf({ scope }: Record<string, unknown>): string {
  return typeof scope === 'string' ? scope : '';
}

/**
 * The pages on which a person agrees to an authorization, or does not. There is one user, who is signed
 * in already; agreement is asked for each time.
 *
 * @param path where they are; each authorization has its own below it.
 */
export function signInPages(provider: Provider, path: string): Router {
  const router = express.Router();

  /** The authorization that a page is for; where it has ended, the page that says so is sent. */
  async function interaction(request: Request, response: Response) {
    try {
      return await provider.interactionDetails(request, response);
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error;
      sendPage(request, response, oauthErrorPage(error));
      return undefined;
    }
  }

  router.get(`${path}/:uid`, async (request, response) => {
    const details = await interaction(request, response);
    if (!details) return;
    const { client_id, redirect_uri } = details.params;
    const client = await provider.Client.find(String(client_id));
    const app = client?.clientName ?? String(client_id);
    const redirectUri = String(redirect_uri);
    sendPage(request, response, {
      title: `${app} wants to connect to Attro`,
      content: consent(app, scopeOf(details.params), redirectUri),
      alone: true,
    });
  });

  router.post(`${path}/:uid`, express.urlencoded(), async (request, response) => {
    const details = await interaction(request, response);
    if (!details) return;
    if (textOf(request, 'decision') !== 'allow') {
      await provider.interactionFinished(request, response, {
        error: 'access_denied',
        error_description: 'The user did not agree',
      });
      return;
    }
    const { params } = details;
    const accountId = SEEDED_USER.id;
    const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) });
    grant.addOIDCScope(scopeOf(params));
    await provider.interactionFinished(request, response, {
      login: { accountId },
      consent: { grantId: await grant.save() },
    });
  });
  return router;
}
