// The size limits of the machine-wide neighbour tables. Only the initial network namespace shows them, so a program that is
// re-executed in another one gets them in an environment variable.
import { readSysctl } from '../small-file.js'

/** Environment variable with the limits of the initial network namespace, as JSON. */
export const NEIGHBOUR_LIMITS_VARIABLE = 'NSLAB_NEIGHBOUR_LIMITS'

export interface NeighbourLimits {
  /** net.ipv4.neigh.default.gc_thresh3 (arp(7)); null when it cannot be found out. */
  ipv4: number | null
  /** net.ipv6.neigh.default.gc_thresh3; null when it cannot be found out. */
  ipv6: number | null
}

export function neighbourLimits(): NeighbourLimits {
  return {
    ipv4: limitFromProc('ipv4') ?? limitFromEnvironment('ipv4'),
    ipv6: limitFromProc('ipv6') ?? limitFromEnvironment('ipv6'),
  }
}

/** The user may have set the variable, so a value that is not a number counts as unknown. */
function limitFromEnvironment(family: 'ipv4' | 'ipv6'): number | null {
  try {
    const limit = JSON.parse(process.env[NEIGHBOUR_LIMITS_VARIABLE] ?? '{}')?.[family]
    return Number.isSafeInteger(limit) ? limit : null
  } catch {
    return null
  }
}

const limitFromProc = (family: 'ipv4' | 'ipv6'): number | null => readSysctl(`net.${family}.neigh.default.gc_thresh3`)
