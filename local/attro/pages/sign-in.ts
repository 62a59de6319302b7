import express from 'express';
import type { Request, Response, Router } from 'express';
import { errors } from 'oidc-provider';
import type Provider from 'oidc-provider';
import { html, type Html } from '../../html.ts';
import type { Scope } from '../../../attro/contract.ts';
import { SEEDED_USER } from '../seeded-user.ts';
import { fieldsOf, textOf, type FormGuard } from './form-guard.ts';
import { sendPage } from './page.ts';
import { oauthErrorPage } from './sign-in-errors.ts';

/** What a permission lets an app do, in the words of the page that asks for it. */
const PERMISSIONS: Readonly<Record<Scope, string>> = {
  'affiliates:read': 'See your affiliates',
  'conversions:read': 'See your conversions and their fraud scores',
  'payouts:read': 'See your payouts',
  'offers:read': 'See your offers',
  'webhooks:write': 'Be told of events: add, change and remove webhook endpoints',
  'affiliates:write': 'Create affiliates, approve and suspend them',
  'conversions:write': 'Record conversions, approve and reject them',
  'links:write': 'Create tracking links',
};

function permission(scope: string): Html {
  const words = (PERMISSIONS as Readonly<Record<string, string>>)[scope];
  return html`<li>${words ?? 'Use a permission of another name'} <code>${scope}</code></li>`;
}

/** What an authorization asks for. */
interface Asked {
  scope: string;
  redirectUri: string;
}

function consent(app: string, { scope, redirectUri }: Asked, guard: FormGuard): Html {
  const { name, email, organization } = SEEDED_USER;
  return html`<p>
      You are signed in as <b>${name}</b> (${email}). The connection is to one organization,
      <b>${organization.name}</b>.
    </p>
    <h2>${app} will be able to</h2>
    <ul class="permissions">
      ${scope.split(' ').filter(Boolean).map(permission)}
    </ul>
    <form method="post">
      ${guard.field}
      <p class="buttons">
        <button name="decision" value="allow">Allow</button>
        <button class="plain" name="decision" value="deny">Deny</button>
      </p>
    </form>
    <p class="quiet">Either way you go back to <code>${redirectUri}</code>.</p>`;
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
export function signInPages(provider: Provider, path: string, guard: FormGuard): Router {
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
      content: consent(app, { scope: scopeOf(details.params), redirectUri }, guard),
      formTarget: new URL(redirectUri).origin,
      alone: true,
    });
  });

  router.post(`${path}/:uid`, guard.check, async (request, response) => {
    const details = await interaction(request, response);
    if (!details) return;
    if (textOf(fieldsOf(request), 'decision') !== 'allow') {
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
