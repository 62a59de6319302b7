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
      description: 'Finds an affiliate by email address or by name, or creates one.',
    },
    search: 'find_affiliate',
    create: 'create_affiliate',
  },
} as const satisfies Record<string, SearchOrCreate>;
