// The order in which nodes make room for what comes. Pure.
import type { ConfigOp, DeviceOp, ReversibleOp } from '../../op.js'

/** What is removed in each phase: entries first, what depends on others before these; then come new names and parameters. */
const PHASES: readonly (readonly ReversibleOp['op'][])[] = [
  ['rule.add'],
  ['route.add'],
  // Routes without a gateway: the gateways of others are reached by them.
  [],
  ['nexthop.add'],
  ['neighbour.add', 'neighbours.add', 'flood.add', 'bridge-vlan.add', 'bridge-vlan.delete', 'bridge-port.set'],
  ['address.add'],
  ['link.up', 'link.enslave'],
  ['sysctl.set', 'node-sysctl.set', 'wireguard.set', 'qdisc.add', 'class.add', 'filter.add'],
  ['bridge.add', 'link.add', 'tun.add', 'device.move'],
  // Others may stand on their ends.
  ['veth.add'],
]

/** How many phases there are, from 0. */
export const REMOVAL_PHASES = PHASES.length + 1

/** The phase of an operation that makes room. In the opposite order, the inverses make again what was there. */
export function phaseOf(op: DeviceOp | ConfigOp): number {
  return op.op === 'remove' ? rankOf(op.what) : PHASES.length
}

/** The phase in which something is removed. */
export function rankOf(what: ReversibleOp): number {
  const rank = PHASES.findIndex((ops) => ops.includes(what.op))
  if (what.op !== 'route.add' || what.nextHops.some(({ gateway }) => gateway !== null)) return rank
  return what.nexthopId === undefined ? rank + 1 : rank
}
