// The facts that a plan makes. Pure.
import { WIRE_NODE } from '../../emulation/links.js'
import type { ConfigOp, DeviceOp } from '../../op.js'
import type { Plan } from '../../plan.js'
import { type FactOp, type Facts, factOf, singlesOf } from './fact.js'

/**
 * In the order of the plan. The sysctls with which a node is made are facts of it. The wire takes its ends up and down by itself: their
 * state is none.
 */
export function planFacts({ nodes }: Plan): Facts {
  const facts: Facts = new Map()
  const put = (op: FactOp): void => {
    const fact = factOf(op)
    facts.set(fact.key, fact)
  }
  const putAll = (ops: readonly (ConfigOp | DeviceOp)[]): void => {
    for (const op of ops) {
      if (op.op === 'remove' || op.op === 'replace') continue
      if (op.op === 'neighbours.add') for (const single of singlesOf(op)) put(single)
      else put(op)
    }
  }
  for (const { node, add, devices, interfaces, whole, running } of nodes) {
    if (node === WIRE_NODE) continue
    for (const [key, value] of Object.entries(add?.sysctls ?? {})) put({ op: 'node-sysctl.set', node, key, value })
    // What is in the network of another node is that one's.
    if (add?.network !== undefined) continue
    putAll(devices)
    for (const { config } of interfaces) putAll(config)
    putAll(whole)
    putAll(running)
  }
  return facts
}
