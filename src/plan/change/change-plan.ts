// What turns a running lab into a topology: pure data. The three parts are carried out in the order of this file.

import type { LabChange } from '../../model/change/lab-change.js'
import type { ResolvedFile } from '../../model/contents.js'
import type { EmulatedLink } from '../../model/impairment.js'
import type { ResolvedTopology } from '../../model/resolved.js'
import type { CommandRun, ConfigOp } from '../op.js'
import type { Plan } from '../plan.js'

export interface ChangePlan {
  /** What it does, for people. */
  change: LabChange
  /** The topology with the ifindexes and link numbers that it has in the running lab. */
  target: ResolvedTopology
  /** The highest ifindex that the lab has ever used, afterwards. */
  lastIndex: number
  /** Nodes that end before anything else, because a new node takes their names. */
  replacedNodes: string[]
  /** Nodes that keep their network and user namespace and get all others anew. */
  restartedNodes: string[]
  /** New nodes (`NodePlan.add`), what makes room, what is added and changed. Every operation can be undone. */
  first: Plan
  /** Changes of links' emulation, once all ends are there. */
  emulations: EmulationChange[]
  /** Changes inside nodes that go on running. */
  insides: InsideChange[]
  /** Removals that nothing waits for, in order; by node. */
  last: { node: string; remove: ConfigOp[] }[]
  removedNodes: string[]
  /** Commands of new and restarted nodes, and those that were added. */
  commands: CommandRun[]
}

export interface EmulationChange {
  /** Place of the link in `target.links`. */
  link: number
  from: EmulatedLink | null
  to: EmulatedLink | null
}

/** What is changed inside a node's mount, UTS and IPC namespace. */
export interface InsideChange {
  node: string
  from: NodeInside
  to: NodeInside
}

/** Absent: not changed. */
export interface NodeInside {
  hostname?: string
  domainname?: string | null
  /** The text of /etc/hosts. */
  hosts?: string
  files?: ResolvedFile[]
}
