import { version as platformVersion } from 'zapier-platform-core';
import authentication from './authentication.ts';
import { creates } from './creates/index.ts';
import packageJson from './package.json' with { type: 'json' };
import { searchOrCreates } from './searches/search-or-creates.ts';
import { searches } from './searches/index.ts';
import { triggers } from './triggers/index.ts';

/** The integration, as Zapier loads it. */
export default {
  version: packageJson.version,
  platformVersion,
  authentication,
  triggers,
  searches,
  creates,
  searchOrCreates,
  flags: {
    // Without this, a 429 is turned into an error before its Retry-After date can be read.
    throwForThrottlingEarly: false,
  },
};
