// Limits of the size of a topology.

/** The most nodes and links of a lab. No machine has room for more. */
export const LAB_LIMITS = { nodes: 10_000, links: 20_000 }
