// What makes nodes have again what they had: after a rollback that the kernel did not carry out whole. Pure.
import { isDevice } from '../device-op.js'
import type { ConfigOp, DeviceOp } from '../op.js'
import { deviceChanges } from './device-changes.js'
import { describe } from './differ/describe.js'
import { type Fact, type FactOp, keyOf, placeKey, singlesOf } from './facts/fact.js'
import { kernelFacts } from './facts/kernel-facts.js'
import { isSame } from './facts/same.js'
import { inverseOf } from './inverse.js'
import type { ObservedNode } from './observed.js'
import { phaseOf } from './room/phases.js'

export interface Restoring {
  /** In an order in which they can be carried out. */
  ops: (DeviceOp | ConfigOp)[]
  /** A sentence for each thing that is not as it was. */
  differences: string[]
}

/**
 * What others have made or changed meanwhile is left alone.
 *
 * @param before what the nodes had, and `now` what they have; both with the same sysctls and neighbours
 * @param done what the change did
 */
export function restoring(
  before: readonly ObservedNode[],
  now: readonly ObservedNode[],
  done: readonly (DeviceOp | ConfigOp)[],
): Restoring {
  const own = new Set(done.flatMap((op) => keysOf(op)))
  const ports = new Set(
    [...before, ...now].flatMap(({ name: node, interfaces }) =>
      interfaces.map((i) => placeKey({ node, index: i.index })),
    ),
  )
  const names = new Set(now.map(({ name }) => name))
  const [had, has] = [before.filter(({ name }) => names.has(name)), now].map((nodes) => kernelFacts(nodes, ports))
  const differences: string[] = []
  const tell = (op: FactOp, how: string): void => void differences.push(`${sentence(op)} ${how}`)
  const removals: (DeviceOp | ConfigOp)[] = []
  const changes: (DeviceOp | ConfigOp)[] = []
  const additions: (DeviceOp | ConfigOp)[] = []
  const keptOf = (of: ReadonlyMap<string, Fact> | undefined) => [...(of?.values() ?? [])]
  for (const { key, op } of keptOf(has)) {
    if (had?.has(key) || isValue(op) || !own.has(key)) continue
    removals.push({ op: 'remove', node: op.node, what: op })
    tell(op, 'is left')
  }
  for (const { key, op } of keptOf(had)) {
    const present = has?.get(key)?.op
    if (present === undefined) {
      if ((isValue(op) && !isOnNew(op, has)) || 'temporary' in op) continue
      additions.push(inverseOf({ op: 'remove', node: op.node, what: op }))
      tell(op, 'is missing')
      continue
    }
    const back = own.has(key) ? replacements(present, op, has) : []
    changes.push(...back)
    if (back.length > 0) tell(op, 'is another')
  }
  const undone = (op: DeviceOp | ConfigOp): number => phaseOf({ op: 'remove', node: op.node, what: op as FactOp })
  return {
    ops: [
      ...removals.toSorted((a, b) => phaseOf(a) - phaseOf(b)),
      ...changes,
      ...additions.toSorted((a, b) => undone(b) - undone(a)),
    ],
    differences,
  }
}

const keysOf = (op: DeviceOp | ConfigOp): string[] =>
  op.op === 'remove'
    ? singlesOf(op.what).map(keyOf)
    : op.op === 'replace'
      ? [op.from, op.to].flatMap(singlesOf).map(keyOf)
      : singlesOf(op).map(keyOf)

function replacements(now: FactOp, op: FactOp, has: ReadonlyMap<string, Fact> | undefined): ConfigOp[] {
  if (!isDevice(op)) return isSame(now, op) ? [] : [{ op: 'replace', node: op.node, from: now, to: op }]
  return deviceChanges(now, op, () => undefined).flatMap(({ node, index, isNewMac, identity, rest }): ConfigOp[] => {
    const up = isNewMac ? has?.get(`up ${placeKey({ node, index })}`)?.op : undefined
    const all = [identity, rest].flatMap((each) => each ?? [])
    // The kernel makes a link-local address of a new MAC address only when the interface comes up. What it drops comes back next time.
    return up?.op === 'link.up' ? [{ op: 'remove', node, what: up }, ...all, up] : all
  })
}

/** There with its node or interface, and never alone. */
const isValue = ({ op }: FactOp): boolean => op === 'sysctl.set' || op === 'node-sysctl.set' || op === 'wireguard.set'

/** Whether a value belongs to an interface that is made again. */
const isOnNew = (op: FactOp, has: ReadonlyMap<string, Fact> | undefined): boolean =>
  'index' in op && [...(has?.keys() ?? [])].every((key) => !key.endsWith(placeKey(op)))

function sentence(op: FactOp): string {
  const description = describe(op, (_, name) => name)
  if (description) return `${description.node}: ${description.part} ${description.name}`
  return `${op.node}: interface ${'interface' in op ? op.interface : ''}`
}
