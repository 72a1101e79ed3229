// How a node is isolated from the host and from other nodes. Pure data, JSON-safe.
import type { NamespaceKind } from '../namespace-kinds.js'

/** `own`: only the node is in it; `shared`: all nodes that say so are; `host`: the process that builds the lab is. */
export type NamespaceChoice = 'own' | 'shared' | 'host'

/** Maps ids from `inside` on to ids from `outside` on in the user namespace in which nslab runs (user_namespaces(7)). */
export interface IdRange {
  inside: number
  outside: number
  count: number
}

/** `host`: every id is mapped to itself. */
export type IdRanges = 'host' | IdRange[]

/** An offset of a clock. The nanoseconds are never negative, so -1.5 s is -2 s and 500,000,000 ns. */
export interface ClockOffset {
  clock: 'boottime' | 'monotonic'
  seconds: number
  nanoseconds: number
}

export interface Isolation {
  namespaces: Record<NamespaceKind, NamespaceChoice>
  /** null: nslab chooses the maps. */
  users: { uids: IdRanges; gids: IdRanges } | null
  /** Offsets that are added to the node's clocks (time_namespaces(7)). */
  time: ClockOffset[]
}
