// All that a change of a running lab is computed from. Pure data.
import type { EmulatedLink } from '../../model/impairment.js'
import type { KernelKinds } from '../../model/kernel-kinds.js'
import type { ResolvedTopology } from '../../model/resolved.js'
import type { ObservedNode } from './observed.js'

export interface ChangeInput {
  /** As it is resolved from the file; its ifindexes mean nothing in the running lab. */
  desired: ResolvedTopology
  /** The topology that was applied last, with its ifindexes and link numbers. */
  applied: ResolvedTopology
  /** Those of changes that were not completed, with their ifindexes and link numbers; the newest first. */
  unfinished: readonly ResolvedTopology[]
  /** All nodes of the lab. */
  observed: readonly ObservedNode[]
  /** The highest ifindex that an interface of the lab's nodes ever had, without the wire's ends. */
  lastIndex: number
  /** The highest number that a link of the lab ever had; -1 for none. */
  lastLink: number
  /** What the kernel has to emulate links with. */
  kinds: KernelKinds
  /** The emulation of each of `applied.links`, as the lab's state has it. */
  emulations: readonly (EmulatedLink | null)[]
  /** Values of sysctls in a new node, by key; at least those of `sysctlsToRead(…).pristine`. */
  pristine: ReadonlyMap<string, string>
  /** What is in the kernel and in no topology that was applied is removed. */
  prune: boolean
  /** Nodes that are restarted in any case. Absent: none. */
  restart?: readonly string[]
}
