import type { SearchOrCreate } from 'zapier-platform-core';

/**
 * Searches that create what they do not find, by the search's key, as the platform wants it. The two
 * give one shape, since both map the same record.
 */
export const searchOrCreates = {
  find_affiliate: {
    key: 'find_affiliate',
    display: {
      label: 'Find or Create Affiliate',
      description:
        'Finds an affiliate by ID, email address or name, or creates one where there is none, and gives its ' +
        'ID and status.',
    },
    search: 'find_affiliate',
    create: 'create_affiliate',
  },
} as const satisfies Record<string, SearchOrCreate>;
