// How much a topology may be of.

/** What a lab may consist of; no machine holds more. */
export const LAB_LIMITS = { nodes: 10_000, links: 20_000 }
