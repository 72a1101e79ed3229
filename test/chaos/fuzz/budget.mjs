// What a topology may cost: a second and 500 MB, or what a network of its size takes.

/** And half of one more, since processor time is not the same on a processor that others use as well. */
const SECONDS = 1.5
const SECONDS_EACH = 0.002
/** More than the largest network takes: what still computes then is taken for what has no end. */
export const HANG_SECONDS = 60
const MEGABYTES = 500
const MEGABYTES_EACH = 0.1

/** @param {{ size: number, cpuSeconds: number, rssMb: number }} cost `size`: nodes and links @returns {string | null} */
export function excessOf({ size, cpuSeconds, rssMb }) {
  if (cpuSeconds > SECONDS + size * SECONDS_EACH) return `takes ${cpuSeconds.toFixed(1)} s of processor time`
  if (rssMb > MEGABYTES + size * MEGABYTES_EACH) return `takes ${Math.round(rssMb)} MB`
  return null
}
