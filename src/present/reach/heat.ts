// The colours of a matrix of round-trip times: how slow a pair is beside the others.

/** Sequences of ECMA-48 before and after a cell; empty without colours. The times go from cold to hot. */
export interface HeatColours {
  times: readonly string[]
  failed: string
  end: string
}

/** SGR of ECMA-48, 8.3.117: cyan, green, yellow, magenta; red for what was lost. */
export const HEAT: HeatColours = {
  times: ['\x1b[36m', '\x1b[32m', '\x1b[33m', '\x1b[35m'],
  failed: '\x1b[1;31m',
  end: '\x1b[0m',
}
export const NO_HEAT: HeatColours = { times: [], failed: '', end: '' }

/** From each colour to the next, times are this many times as long. The first is for less than that over the least of all. */
const STEP = 2

/**
 * The colour of a pair's cell.
 *
 * @param rttMs null for a pair that lost a request
 * @param leastMs the least time of the matrix
 */
export function heatOf(rttMs: number | null, leastMs: number, { times, failed }: HeatColours): string {
  if (rttMs === null) return failed
  const steps = leastMs > 0 ? Math.floor(Math.log(rttMs / leastMs) / Math.log(STEP)) : 0
  return times[Math.min(steps, times.length - 1)] ?? ''
}
