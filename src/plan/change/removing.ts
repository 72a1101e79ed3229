// Removes facts from what the kernel has, with all that the kernel drops with them: each as an operation of its own, so that every
// one of them can be undone. Pure.
import type { ConfigOp, ReversibleOp } from '../op.js'
import { dropsOf, type FactIndex } from './facts/drops.js'
import type { Fact } from './facts/fact.js'

export class Removing {
  /** What is carried out before anything is added, by node. */
  private readonly before = new Map<string, ConfigOp[]>()
  /** Keys of facts whose removal waits for what hangs on them: two facts can drop each other. */
  private readonly going = new Set<string>()

  /** @param kernel loses what is removed */
  constructor(readonly kernel: FactIndex) {}

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

  private withDrops(fact: Fact, onGone: (gone: Fact) => void): void {
    if (this.kernel.facts.get(fact.key) !== fact || this.going.has(fact.key)) return
    this.going.add(fact.key)
    for (const drop of dropsOf(fact.op, this.kernel)) this.withDrops(drop, onGone)
    this.going.delete(fact.key)
    this.kernel.delete(fact)
    onGone(fact)
  }
}

/** Entries and states of interfaces go first, then devices; then come new names and parameters. */
export function phaseOf(op: ConfigOp): 0 | 1 | 2 {
  if (op.op !== 'remove') return 2
  return isDevice(op.what) ? 1 : 0
}

const isDevice = ({ op }: ReversibleOp): boolean =>
  op === 'veth.add' || op === 'bridge.add' || op === 'link.add' || op === 'tun.add' || op === 'device.move'
