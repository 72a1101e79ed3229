// How a node is separated from the host and from other nodes. Pure data, JSON-safe.
import type { NamespaceKind } from '../namespace-kinds.js'

/** `own`: the node alone is in it; `shared`: with every node that says so; `host`: that of the process that builds the lab. */
export type NamespaceChoice = 'own' | 'shared' | 'host'

/** Ids from `inside` on are ids from `outside` on in the user namespace in which nslab runs (user_namespaces(7)). */
export interface IdRange {
  inside: number
  outside: number
  count: number
}

/** `host`: every id is the same inside and outside. */
export type IdRanges = 'host' | IdRange[]

/** A length of time, negative for one before zero. */
export interface ClockOffset {
  clock: 'boottime' | 'monotonic'
  seconds: number
  nanoseconds: number
}

export interface Isolation {
  namespaces: Record<NamespaceKind, NamespaceChoice>
  /** null: the map that nslab chooses. */
  users: { uids: IdRanges; gids: IdRanges } | null
  /** Offsets that are added to the node's clocks (time_namespaces(7)). */
  time: ClockOffset[]
}
