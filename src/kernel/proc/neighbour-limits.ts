// How large the machine-wide neighbour tables may grow. They are shown in the initial network namespace alone, so a
// program that is re-executed in another one carries them along.
import { readFileSync } from 'node:fs'

/** Environment variable with the limits of the initial network namespace, as JSON. */
export const NEIGHBOUR_LIMITS = 'NSLAB_NEIGHBOUR_LIMITS'

export interface NeighbourLimits {
  /** net.ipv4.neigh.default.gc_thresh3 (arp(7)); null when it cannot be known. */
  ipv4: number | null
  ipv6: number | null
}

export function neighbourLimits(): NeighbourLimits {
  return { ipv4: limitOf('ipv4') ?? carried('ipv4'), ipv6: limitOf('ipv6') ?? carried('ipv6') }
}

/** Anybody may have set the variable; what makes no sense counts as nothing. */
function carried(family: 'ipv4' | 'ipv6'): number | null {
  try {
    const limit = JSON.parse(process.env[NEIGHBOUR_LIMITS] ?? '{}')?.[family]
    return Number.isSafeInteger(limit) ? limit : null
  } catch {
    return null
  }
}

function limitOf(family: 'ipv4' | 'ipv6'): number | null {
  try {
    return Number(readFileSync(`/proc/sys/net/${family}/neigh/default/gc_thresh3`, 'latin1'))
  } catch {
    return null
  }
}
