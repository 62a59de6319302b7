/** How many cases a property over anything that arrives from the network is tried with. */
export const PROPERTY_RUNS = 10_000;
