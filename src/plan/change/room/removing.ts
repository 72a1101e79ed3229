// Removes facts from what the kernel has, with all that the kernel drops with them: each as an operation of its own, so that every
// one of them can be undone. Pure.
import type { BridgeVlanChange, ConfigOp } from '../../op.js'
import { dropsOf, type FactIndex } from '../facts/drops.js'
import { type Fact, keyOf, placeKey } from '../facts/fact.js'
import { phaseOf } from './phases.js'

export class Removing {
  /** What is carried out before anything is added, by node. */
  private readonly before = new Map<string, ConfigOp[]>()
  /** Keys of facts whose removal waits for what hangs on them: two facts can drop each other. */
  private readonly going = new Set<string>()

  /**
   * @param kernel loses what is removed
   * @param defaults VLANs that the kernel gives bridge ports whose VLANs are known, by `placeKey`
   */
  constructor(
    readonly kernel: FactIndex,
    private readonly defaults: ReadonlyMap<string, BridgeVlanChange>,
  ) {}

  /** Removes a fact, unless it is gone. What hangs on it goes first. */
  take(fact: Fact): void {
    this.withDrops(fact, ({ op }) => this.add(op.node, { op: 'remove', node: op.node, what: op }))
  }

  /** Takes away what goes with a node that ends: nothing of it can be undone. */
  forget(fact: Fact): void {
    this.withDrops(fact, () => {})
  }

  add(node: string, op: ConfigOp): void {
    const own = this.before.get(node)
    if (own) own.push(op)
    else this.before.set(node, [op])
  }

  /** By phase: a phase begins when the one before it is over in all nodes, since what is in one node goes with the other end of its link. */
  of(node: string): ConfigOp[] {
    return (this.before.get(node) ?? []).toSorted((a, b) => phaseOf(a) - phaseOf(b))
  }

  /** The kernel gives a port its default VLAN when it makes it again: that it goes then is part of taking this back. */
  private takeDefaultVlan({ op }: Fact): void {
    if (op.op !== 'link.enslave' && op.op !== 'bridge.add') return
    const vlan = this.defaults.get(placeKey(op))
    if (!vlan || vlan.vid === 0 || this.kernel.facts.has(keyOf(vlan))) return
    const what: BridgeVlanChange = { ...vlan, op: 'bridge-vlan.delete', interface: op.interface, untagged: false }
    this.add(op.node, { op: 'remove', node: op.node, what })
  }

  private withDrops(fact: Fact, onGone: (gone: Fact) => void): void {
    if (this.kernel.facts.get(fact.key) !== fact || this.going.has(fact.key)) return
    this.going.add(fact.key)
    this.takeDefaultVlan(fact)
    for (const drop of dropsOf(fact.op, this.kernel)) this.withDrops(drop, onGone)
    this.going.delete(fact.key)
    this.kernel.delete(fact)
    onGone(fact)
  }
}
