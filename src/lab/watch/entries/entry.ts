// What is known of an entry of a network namespace, such as a route: what identifies it, and what is told of it.
import type { Request } from '../../../kernel/netlink/rtnl/request.js'
import type { NetworkEvent, NetworkEventKind } from '../../../model/lab-event.js'

export type NameOf = (index: number) => string

/** An entry as the kernel reports it, with numbers in place of names, since names change. `V` is JSON-safe. */
export interface Entry<V> {
  /** The same text for the same entry, whatever else changes. */
  key: string
  value: V
}

/** A kind of entries. `V`: what is kept of one; `F`: what is told of it. */
export interface EntryKind<V, F> {
  event: NetworkEventKind
  /** RTNLGRP_* of linux/rtnetlink.h */
  groups: readonly number[]
  /** RTM_NEW*, RTM_DEL* */
  added: number
  removed: number
  list: () => Request
  /** null for an entry that is not told of. */
  read: (payload: Buffer) => Entry<V> | null
  fields: (value: V, nameOf: NameOf) => F
  /** The word for a change. */
  changeOf?: (value: V, was: V) => NetworkEvent['action']
  /** Several entries may have one key, and a new one then replaces another only where the kernel says so. */
  isAmbiguous?: (value: V) => boolean
  /** Which kinds lose entries, without a word of the kernel, when an entry becomes another one, or is removed (null). */
  silences?: (was: V, value: V | null) => readonly NetworkEventKind[]
}
