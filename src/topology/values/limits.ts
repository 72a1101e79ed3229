// Limits of the size of a topology.

/** The most nodes and links of a lab. No machine has room for more. */
export const LAB_LIMITS = { nodes: 10_000, links: 20_000 }

/** The most routes of a lab. A grid of 1,024 routers has 400,000, and `plan` needs about 1 KB for each. */
export const MAX_ROUTES = 1_000_000

/** The most permanent neighbours of a lab: those of a LAN of 500 hosts with both families. `plan` needs about 1 KB for each. */
export const MAX_NEIGHBOURS = 500_000

/** The most characters of all texts of a topology, when variables and repetitions are filled in. */
export const MAX_TEXT = 32 * 1024 * 1024
