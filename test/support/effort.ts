// How much more than usual the random and the large tests try, for a run by hand:
// NSLAB_TEST_EFFORT=20 npx vitest run --project unit test/unit/topology

export const EFFORT = Number(process.env.NSLAB_TEST_EFFORT ?? 1)

/** Options of `fc.assert` for so many runs as a rule. */
export const runs = (usual: number): { numRuns: number } => ({ numRuns: Math.ceil(usual * EFFORT) })
