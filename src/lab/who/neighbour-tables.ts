// The size limits of the machine-wide neighbour tables, and the numbers of entries in them. Only the initial network namespace
// shows them, so a program that is re-executed in another one gets them in an environment variable.
import { readIfThere, readSysctl } from '../../kernel/small-file.js'
import type { NeighbourTables } from '../../model/source/neighbour-tables.js'

/** Environment variable with the limits and entries of the initial network namespace, as JSON. */
export const NEIGHBOUR_LIMITS_VARIABLE = 'NSLAB_NEIGHBOUR_LIMITS'

export function neighbourTables(): NeighbourTables {
  return {
    ...neighbourLimits(),
    entries: {
      ipv4: entriesFromProc('arp_cache') ?? numberFromEnvironment(({ entries }) => entries?.ipv4),
      ipv6: entriesFromProc('ndisc_cache') ?? numberFromEnvironment(({ entries }) => entries?.ipv6),
    },
  }
}

function neighbourLimits(): Omit<NeighbourTables, 'entries'> {
  return {
    ipv4: limitFromProc('ipv4') ?? numberFromEnvironment(({ ipv4 }) => ipv4),
    ipv6: limitFromProc('ipv6') ?? numberFromEnvironment(({ ipv6 }) => ipv6),
  }
}

/** The user may have set the variable, so a value that is not a number counts as unknown. */
function numberFromEnvironment(pick: (tables: Partial<NeighbourTables>) => unknown): number | null {
  try {
    const value = pick(JSON.parse(process.env[NEIGHBOUR_LIMITS_VARIABLE] ?? '{}'))
    return Number.isSafeInteger(value) ? (value as number) : null
  } catch {
    return null
  }
}

const limitFromProc = (family: 'ipv4' | 'ipv6'): number | null => readSysctl(`net.${family}.neigh.default.gc_thresh3`)

/** The first column of the first processor: the kernel shows the number of the whole machine there (net/core/neighbour.c). */
function entriesFromProc(table: 'arp_cache' | 'ndisc_cache'): number | null {
  const [, first = ''] = readIfThere(`/proc/net/stat/${table}`)?.split('\n') ?? []
  return /^[0-9a-f]{8} /.test(first) ? Number.parseInt(first, 16) : null
}
