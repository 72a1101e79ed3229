// Removes facts from what the kernel has, with all that the kernel drops with them: each as an operation of its own, so that every
// one of them can be undone. Pure.
import type { ConfigOp } from '../op.js'
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

  of(node: string): ConfigOp[] {
    return this.before.get(node) ?? []
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
