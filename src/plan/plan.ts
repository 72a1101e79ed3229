// The plan of a lab: what is done in each node, in the stages in which it can be done. Pure data, JSON-safe.
import type { LinkEmulation } from '../model/impairment.js'
import type { CommandRun, ConfigOp, DeviceOp, NodeAdd, WireguardStart } from './op.js'

export interface Plan {
  nodes: NodePlan[]
  /**
   * WireGuard start-up once every node is done, in rounds: a peer that writes before the other is ready retries only seconds
   * later.
   */
  start: WireguardStart[][]
  /** What the lab's wire carries, whose node in `nodes` is WIRE_NODE; null for a lab without a wire. */
  wire: WirePlan | null
  /** Run one after the other, in this order, when everything else is done. */
  commands: CommandRun[]
}

export interface WirePlan {
  links: WireLinkPlan[]
}

export interface WireLinkPlan {
  /** Number of the link in the lab. */
  link: number
  /** `NODE:INTERFACE`, the first and the second. */
  ends: [string, string]
  /** ifindexes of the wire's ends. */
  indexes: [number, number]
  emulation: LinkEmulation
}

/**
 * The stages of one node, in order. A stage waits for those before it in its own node; between nodes, only the two ends of a
 * veth pair wait for each other.
 */
export interface NodePlan {
  node: string
  /** null for a node that runs already. */
  add: NodeAdd | null
  /**
   * Carried out first: makes room for what comes when a running node changes. In order, and in phases (`phaseOf` in
   * change/room/phases.ts): a phase begins when the one before it is over in all nodes.
   */
  remove: ConfigOp[]
  /** Devices that need nothing but their node, or both of their nodes. A veth pair belongs to the node of its first end. */
  devices: DeviceOp[]
  /** The configuration of each interface, carried out in order once the interface is there. */
  interfaces: InterfacePlan[]
  /** Carried out in order once all devices of the node are there. */
  whole: ConfigOp[]
  /** Carried out in order once all links of the node run: next-hop objects, and what comes after them. */
  running: ConfigOp[]
  /** Interfaces that the node has already, and that need not run, beside those that the plan brings up without carrier. Absent: none. */
  withoutCarrier?: string[]
}

/** Not a record by name: JavaScript would put interfaces called `7` before all others. */
export interface InterfacePlan {
  interface: string
  config: ConfigOp[]
}
