import { randomUUID } from 'node:crypto';
import { PATHS } from '../../attro/contract.ts';
import { isRecord } from '../../attro/values.ts';
import { appTakes, appTakesAsRefusal } from '../app-calls.ts';
import { recordsGiven, type AppOnAnswers } from '../app-on-answers.ts';
import { replayed, showsField, type Shows } from '../app-shows.ts';
import type { Exchange } from '../attro-client.ts';
import { CannotRun } from '../cannot-run.ts';
import { hasStatus, judgeField, success, type Records } from '../judging.ts';
import { fieldsOf, type Field } from '../openapi.ts';
import { definePhase } from '../phase.ts';
import { differs, HOLDS, notTried, type Row } from '../row.ts';
import type { Walk } from '../walk.ts';

interface Evidence {
  /** Asked with the token that was given. */
  me: Exchange;
  noToken: Exchange;
  wrongToken: Exchange;
}

/** Who is connected, and who is not let in. */
export const ACCOUNT = definePhase<Evidence>({
  title: 'Account',
  rows: [
    {
      id: 'account.bearer',
      assumed: 'GET /me takes a bearer token and answers 200.',
      facts: ['getMe'],
      judge: ({ me }) => hasStatus(me, 200),
      copes: ({ me }, app) => appTakes(app, me),
    },
    {
      id: 'account.no-token',
      assumed: 'A request without a token is refused with 401.',
      facts: ['getMe'],
      judge: ({ noToken }) => hasStatus(noToken, 401),
      copes: ({ noToken }, app) => appTakesAsRefusal(app, noToken, 401),
    },
    {
      id: 'account.wrong-token',
      assumed: 'A request with a token that Attro does not know is refused with 401.',
      facts: ['getMe'],
      judge: ({ wrongToken }) => hasStatus(wrongToken, 401),
      copes: ({ wrongToken }, app) => appTakesAsRefusal(app, wrongToken, 401),
    },
    {
      id: 'account.challenge',
      assumed: 'A 401 says "WWW-Authenticate: Bearer" (RFC 6750, 3).',
      facts: ['getMe'],
      judge: ({ noToken }) => {
        const { outcome } = noToken;
        if (!('status' in outcome) || outcome.status !== 401) return notTried('no 401 came');
        const header = outcome.headers['www-authenticate'];
        if (/^Bearer\b/i.test(header ?? '')) return HOLDS;
        return differs(
          'WWW-Authenticate: Bearer',
          header === undefined ? 'no such header' : 'another',
        );
      },
      copes: ({ noToken }, app) => appTakesAsRefusal(app, noToken, 401),
    },
    ...fieldsOf('User').map(fieldRow),
  ],
  gather: async (walk) => {
    const me = await askWhoIsConnected(walk);
    const noToken = await walk.attro.ask({ operation: 'getMe', token: null });
    const wrong = `conformance-${randomUUID()}`;
    return { me, noToken, wrongToken: await walk.attro.ask({ operation: 'getMe', token: wrong }) };
  },
});

/**
 * The first request of all.
 *
 * @throws {CannotRun} when there is no server, or the token is refused.
 */
async function askWhoIsConnected({ attro, settings, known }: Walk): Promise<Exchange> {
  const me = await attro.ask({ operation: 'getMe' });
  const { outcome } = me;
  if ('problem' in outcome && outcome.problem === 'unreachable') {
    throw new CannotRun(`${settings.baseUrl} could not be reached: ${outcome.said}.`);
  }
  if ('status' in outcome && outcome.status === 401) {
    throw new CannotRun(
      `${settings.baseUrl} refused the token (401): check that it is whole, of this server, and not revoked.`,
    );
  }
  known.isAccepted = success(me) !== undefined;
  return me;
}

function fieldRow(field: Field): Row<Evidence> {
  return {
    id: `account.field.${field.name}`,
    assumed: `GET /me has ${field.name}.`,
    facts: [`User.${field.name}`],
    judge: ({ me }) => judgeField(userIn(me), field),
    copes: async ({ me }, app) => {
      const user = userIn(me);
      return 'none' in user ? false : showsField(accountShown(app), 'User', field, user);
    },
  };
}

function userIn(me: Exchange): Records {
  const json = success(me)?.json;
  return isRecord(json) ? [json] : { none: 'GET /me gave no object' };
}

/** What the app makes of the account that an answer tells of. */
function accountShown(app: AppOnAnswers): Shows {
  return async (users) => {
    const shown = [];
    for (const user of users) {
      const run = await app.run('authentication.test', {}, [replayed('GET', PATHS.me, user)]);
      shown.push(recordsGiven(run)[0]);
    }
    return shown;
  };
}
