// A change of a running lab that is being carried out.
import type { EmulatedLink } from '../../model/impairment.js'
import type { ChangePlan } from '../../plan/change/change-plan.js'
import type { ObservedNode } from '../../plan/change/observed.js'
import { WIRE_NODE } from '../../plan/emulation/links.js'
import type { NodeSockets } from '../build/node-sockets.js'
import type { AppliedRecord } from '../record/applied/applied.js'
import type { RunningLab } from '../record/select.js'
import type { LabState } from '../record/state.js'
import { isRunning } from '../who/process-identity.js'
import type { ApplyOptions } from './options.js'

export interface Site {
  /** With the state as it is now, which is replaced as the change goes on. */
  lab: RunningLab
  record: AppliedRecord
  plan: ChangePlan
  observed: readonly ObservedNode[]
  /** What emulates each link of `plan.target` that is new. */
  emulated: readonly (EmulatedLink | null)[]
  options: ApplyOptions
}

/** The nodes that a change touches, the wire not among them. */
export function touchedNodes({ first, last, emulations, insides, target, restartedNodes }: ChangePlan): Set<string> {
  const names = new Set<string>([...restartedNodes, ...insides.map(({ node }) => node)])
  for (const { node, devices } of first.nodes) {
    names.add(node)
    for (const op of devices) if (op.op === 'veth.add') names.add(op.peer.node)
  }
  for (const { node, remove } of last) {
    names.add(node)
    for (const op of remove) if (op.op === 'remove' && op.what.op === 'veth.add') names.add(op.what.peer.node)
  }
  for (const { link } of emulations) for (const { node } of target.links[link]?.endpoints ?? []) names.add(node)
  names.delete(WIRE_NODE)
  return names
}

/** Those of them that are read otherwise afterwards: files in a node are not read. */
export function differingNodes(plan: ChangePlan): Set<string> {
  const names = plan.insides.filter(({ to }) => to.hostname !== undefined || to.domainname !== undefined)
  return touchedNodes({ ...plan, insides: names })
}

/** Opens sockets in those of the nodes that the lab has, and in the wire's network where it has one. */
export function addSockets(sockets: NodeSockets, { keeper, nodes, wire }: LabState, names: ReadonlySet<string>): void {
  for (const node of nodes) {
    if (!names.has(node.name)) continue
    if (isRunning(node)) sockets.add(node)
    else sockets.addHeld(node.name, keeper.pid, node.netnsFd, node.netnsInode)
  }
  if (wire) sockets.addHeld(WIRE_NODE, keeper.pid, wire.netnsFd, undefined)
}
