import fc from 'fast-check';

/**
 * How many cases a property over anything that arrives from the network is tried with. Mutation tests,
 * which run it hundreds of times, ask for fewer.
 */
export const PROPERTY_RUNS = Number(process.env['PROPERTY_RUNS'] ?? 10_000);

fc.configureGlobal({ numRuns: PROPERTY_RUNS });

/** fast-check, set to try each property with {@link PROPERTY_RUNS} cases. */
export { fc };
