/**
 * How many cases a property over anything that arrives from the network is tried with. Mutation tests,
 * which run it hundreds of times, ask for fewer.
 */
export const PROPERTY_RUNS = Number(process.env['PROPERTY_RUNS'] ?? 10_000);
