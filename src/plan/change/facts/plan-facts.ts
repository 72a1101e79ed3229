// The facts that a plan makes. Pure.
import { WIRE_NODE } from '../../emulation/links.js'
import type { Plan } from '../../plan.js'
import { type FactOp, type Facts, factOf, singlesOf } from './fact.js'

/**
 * In the order of the plan. The sysctls with which a node is made are facts of it. The wire takes its ends up and down by itself: their
 * state is none.
 */
export function planFacts({ nodes }: Plan): Facts {
  const facts: Facts = new Map()
  for (const { node, add, devices, interfaces, whole, running } of nodes) {
    if (node === WIRE_NODE) continue
    const sysctls = Object.entries(add?.sysctls ?? {}).map(
      ([key, value]): FactOp => ({ op: 'node-sysctl.set', node, key, value }),
    )
    for (const op of [...sysctls, ...devices, ...interfaces.flatMap(({ config }) => config), ...whole, ...running]) {
      if (op.op === 'remove' || op.op === 'replace') continue
      for (const single of singlesOf(op)) {
        const fact = factOf(single)
        facts.set(fact.key, fact)
      }
    }
  }
  return facts
}
