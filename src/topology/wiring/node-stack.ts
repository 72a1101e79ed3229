// How the interfaces of a node stand on each other: which is a member of which, and which must be made before which.
import { type MasterKind, TRAITS } from '../../model/interfaces/kinds.js'
import type { WrittenDevice } from '../schema/interfaces/interfaces.js'

/** The interface that another one is a member of. */
export interface Master {
  name: string
  kind: MasterKind
}

export interface NodeStack {
  /** The interfaces that are written under `interfaces`. Each comes after those that it names in its settings. */
  devices: ReadonlyMap<string, WrittenDevice>
  /** By name of the member. */
  masters: ReadonlyMap<string, Master>
}

/** By node. A node that is no switch and has no `interfaces` is not in it. */
export type Stacks = ReadonlyMap<string, NodeStack>

/** The master, if it has the addresses in place of its members: a bridge or a bond, but not a VRF. */
export const addressedMaster = (master: Master | undefined): Master | undefined =>
  master && TRAITS[master.kind].members !== 'routed' ? master : undefined

/** The bridges and bonds that an interface is in, from the inside out. Packets that come in by it arrive at the last one. */
export function mastersAbove(
  stacks: Stacks,
  node: string,
  name: string,
): { names: string[]; bridges: string[]; hasBond: boolean } {
  const masters = stacks.get(node)?.masters
  const masterOf = (member: string) => addressedMaster(masters?.get(member))
  const found: Master[] = []
  for (let master = masterOf(name); master && !found.includes(master); master = masterOf(master.name)) {
    found.push(master)
  }
  const isOf = (membership: 'bridged' | 'bonded') => (master: Master) => TRAITS[master.kind].members === membership
  return {
    names: found.map((master) => master.name),
    bridges: found.filter(isOf('bridged')).map((master) => master.name),
    hasBond: found.some(isOf('bonded')),
  }
}
