import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

import { EVENT_NAMES, isEventName, startSandbox } from './index.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'redirect-uri': { type: 'string', multiple: true },
  },
});
const redirectUris = values['redirect-uri'];

const sandbox = await startSandbox({
  port: Number(values.port),
  ...(redirectUris && { redirectUris }),
});

console.log(`A local Attro runs at ${sandbox.baseUrl}. Start the app with this environment:

  ATTRO_BASE_URL=${sandbox.baseUrl}
  CLIENT_ID=${sandbox.clientId}
  CLIENT_SECRET=${sandbox.clientSecret}

Sign-in needs no password: Jane Doe of Acme Corp agrees to everything. Allow a redirect to other
addresses with --redirect-uri, once for each; choose the port with --port.

Type the name of an event and Enter to deliver it to its subscriptions:
  ${EVENT_NAMES.join('\n  ')}

Ctrl-C stops.`);

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const event = line.trim();
  if (!isEventName(event)) {
    if (event) console.log('No such event.');
    return;
  }
  void sandbox.emit(event).then((results) => {
    console.log(`${event}: ${results.length} subscription(s)`);
    for (const { subscriptionId, status, attempts } of results) {
      console.log(`  ${subscriptionId}: ${status} after ${attempts.length} tries`);
    }
  });
});

process.once('SIGINT', () => {
  lines.close();
  void sandbox.close();
});
