// Whether the machine has room for the neighbours of a lab: all network namespaces share one table a family.
import type { Family } from '../../model/family.js'
import type { NeighbourTables } from '../../model/source/neighbour-tables.js'
import { type Fault, fault } from './fault.js'

/** Entries come and go, so a table may have some room again when it is read. */
const FULL = 0.95

/** @returns null where there is room, or where that is not known */
export function tableFault(node: string, family: Family, tables: NeighbourTables): Fault | null {
  const limit = tables[`ipv${family}`]
  const entries = tables.entries[`ipv${family}`]
  if (limit === null || entries === null || entries < FULL * limit) return null
  const key = `net.ipv${family}.neigh.default.gc_thresh3`
  return fault({
    ...{ about: 'neighbour', code: 'neighbour-table-full', node, evidence: `${entries} entries, ${key} = ${limit}` },
    command: `sysctl -w ${key}=${4 * limit}`,
    words: `the machine's table of IPv${family} neighbours is full, so that nodes cannot learn hardware addresses`,
  })
}
