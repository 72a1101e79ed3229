// Which kernel parameters are read before a change: those that a topology writes, or wrote. Pure.
import type { ResolvedTopology } from '../../model/resolved.js'

export interface SysctlsToRead {
  /** What is to be read of a node; also of one that the topologies do not have. */
  of: (node: string) => SysctlsOfNode
  /** Keys whose values in a new node are needed: they are no longer written. */
  pristine: readonly string[]
}

export interface SysctlsOfNode {
  /** As in sysctl(8): `net.ipv4.ip_forward`. */
  node: readonly string[]
  /** By ifindex; the keys have `name` for the interface, which can have another name by now. */
  interfaces: readonly { index: number; name: string; keys: readonly string[] }[]
}

export function sysctlsToRead(
  _desired: ResolvedTopology,
  _applied: ResolvedTopology,
  _unfinished: ResolvedTopology | null,
): SysctlsToRead {
  throw new Error('not written yet')
}
