// The delays that a jitter makes, as a table of equally probable values.
import type { Distribution, Jitter } from '../model/impairment.js'
import { normalQuantile } from './numerics.js'

const STEPS = 4096
/** The greatest value of a table: 32,767 / 8,192. */
const MOST = 32_767 / 8192

/**
 * Equally probable delays, ascending, in ns. The named distributions are computed and not read from the tables that are
 * configured, so a wrong table shows.
 */
export function delaysOf(delayNs: number, jitter: Jitter): number[] {
  return quantilesOf(jitter.distribution)
    .map((each) => Math.max(0, delayNs + each * jitter.amountNs))
    .sort((a, b) => a - b)
}

/** In multiples of the jitter. */
function quantilesOf(distribution: Distribution): number[] {
  if (typeof distribution === 'object') return distribution.table.map((each) => each / 8192)
  const middles = Array.from({ length: STEPS }, (_, index) => (index + 0.5) / STEPS)
  return middles.map((p) => Math.max(-MOST, Math.min(MOST, quantileAt(distribution, p))))
}

function quantileAt(distribution: Extract<Distribution, string>, p: number): number {
  switch (distribution) {
    case 'uniform':
      return 2 * p - 1
    case 'normal':
      return normalQuantile(p)
    // iproute2, netem/pareto.c: an index of 3, less its mean, by 4/3.
    case 'pareto':
      return ((1 - p) ** (-1 / 3) - 1.5) * (4 / 3)
    // iproute2, netem/paretonormal.c: a quarter of the normal one and three quarters of that of Pareto.
    case 'paretonormal':
      return 0.25 * normalQuantile(p) + 0.75 * ((1 - p) ** (-1 / 3) - 1.5) * (4 / 3)
  }
}
