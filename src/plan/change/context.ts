// What the steps of a change share. Pure.
import { LOOPBACK_INDEX } from '../../model/ifindexes.js'
import type { ResolvedInterface, ResolvedTopology } from '../../model/resolved.js'
import { isDevice } from '../device-op.js'
import type { DeviceOp } from '../op.js'
import type { Place } from './facts/fact.js'
import { type Fact, type FactOp, type Facts, placesOf } from './facts/fact.js'
import type { Removing } from './room/removing.js'

export interface ChangeContext {
  target: ResolvedTopology
  /** What the target has. */
  wanted: Facts
  /** What the kernel has, less what was removed so far. */
  removing: Removing
  ours: Ours
  prune: boolean
  /** An interface as it was written last. */
  before: (node: string, index: number) => ResolvedInterface | undefined
  /** Why something is done first, by key of the fact. */
  notes: Map<string, string>
}

/** Tells what was made from a topology from what somebody else made. */
export class Ours {
  private keys: ReadonlySet<string> | null = null

  /**
   * @param findKeys of the facts of topologies that were applied; called only when it is needed, since they are many
   * @param hasPlace whether one of them, or the target, has an interface
   * @param hasName whether one of them has an interface of that name: what somebody has put in its place is no other's
   */
  constructor(
    private readonly findKeys: () => ReadonlySet<string>,
    private readonly hasPlace: (place: Place) => boolean,
    private readonly hasName: (node: string, name: string) => boolean,
  ) {}

  has({ key, op }: Fact): boolean {
    if (isDevice(op)) return this.hasDevice(op) || namesOf(op).some((end) => this.hasName(end.node, end.interface))
    if (op.op === 'link.up') return this.hasInterface(op)
    this.keys ??= this.findKeys()
    return this.keys.has(key)
  }

  /** Whether a device is the one that was made, and not one with its name. */
  hasDevice(op: DeviceOp): boolean {
    return placesOf(op).some((place) => this.hasInterface(place))
  }

  hasInterface(place: Place): boolean {
    return place.index === LOOPBACK_INDEX || this.hasPlace(place)
  }
}

/** Ends of a device by node and name. */
export const namesOf = (op: DeviceOp): { node: string; interface: string }[] =>
  op.op === 'veth.add' ? [op, op.peer] : [op]

/** Whether something that the kernel has is to go. */
export const isRemoved = (fact: Fact, { wanted, ours, prune }: ChangeContext): boolean =>
  !wanted.has(fact.key) && !isKept(fact.op) && (ours.has(fact) || (prune && fact.op.op !== 'bridge-port.set'))

/** What nobody can remove: it is there with its interface or its node. */
const isKept = ({ op }: FactOp): boolean => op === 'sysctl.set' || op === 'node-sysctl.set' || op === 'wireguard.set'
