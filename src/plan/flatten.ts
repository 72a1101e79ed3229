// A plan as one list of operations, in an order in which they can be carried out one after the other: for people and scripts.
import { WIRE_NODE } from './emulation/links.js'
import type { ConfigOp, DeviceOp, Op, SingleConfigOp } from './op.js'
import type { NodePlan, Plan } from './plan.js'

/** All operations of a plan. */
export const flatten = (plan: Plan): Op[] => [
  ...plan.nodes.flatMap(({ remove }) => remove.flatMap(singles)),
  ...plan.nodes.flatMap(({ add }) => add ?? []),
  ...devicesOf(plan),
  ...plan.nodes.flatMap((node) => [...configOf(node), ...node.running.flatMap(singles)]),
  ...(plan.wire?.links ?? []).map((link) => ({ op: 'wire.link', node: WIRE_NODE, ...link }) as const),
  ...plan.start.flat(),
  ...plan.commands,
]

/** Devices of all nodes: first those that one node needs, then veth pairs in the order of their links. */
export function devicesOf({ nodes }: Plan): DeviceOp[] {
  const all = nodes.flatMap(({ devices }) => devices)
  const isPair = ({ op }: DeviceOp) => op === 'veth.add'
  const pairs = all.filter(isPair).toSorted((a, b) => a.index - b.index)
  return [...all.filter((op) => !isPair(op)), ...pairs]
}

/** Configuration of a node before its links need to run: interfaces come up, then they get their addresses. */
export function configOf({ interfaces, whole }: NodePlan): SingleConfigOp[] {
  const all = interfaces.flatMap(({ config }) => config)
  const isAddress = ({ op }: ConfigOp) => op === 'address.add'
  return [...all.filter((op) => !isAddress(op)), ...all.filter(isAddress), ...whole].flatMap(singles)
}

/** One operation for each command. */
export function singles(op: ConfigOp): SingleConfigOp[] {
  if (op.op !== 'neighbours.add') return [op]
  const { node, interface: name, index, entries } = op
  return entries.map((entry) => ({ op: 'neighbour.add', node, index, interface: name, ...entry }))
}
