import type { Bundle } from 'zapier-platform-core';

/** A bundle as it may really arrive: `meta` and what it holds are not always there. */
export type CallBundle = Omit<Bundle, 'meta'> & { meta?: Partial<Bundle['meta']> };
