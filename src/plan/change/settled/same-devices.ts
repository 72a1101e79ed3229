// Whether a node has the interfaces of its plan, with their settings, and no others. Pure.
import { isDevice } from '../../device-op.js'
import type { ConfigOp, DeviceOp, VethAdd } from '../../op.js'
import type { NodePlan } from '../../plan.js'
import { deviceChanges, type Written } from '../device-changes.js'
import { ANY_SEGMENTS, deviceOf, interfacesOf } from '../facts/kernel-facts.js'
import type { ObservedInterface, ObservedNode } from '../observed.js'

/** One end of a veth pair, and the other one. */
export interface PlannedEnd {
  own: VethAdd['peer']
  peer: VethAdd['peer']
}

/** How many of these a node has. */
interface Counts {
  devices: number
  ups: number
  masters: number
  sysctls: number
}

export function hasDevices(plan: NodePlan, now: ObservedNode, ends: readonly PlannedEnd[], before: Written): boolean {
  const interfaces = interfacesOf(now)
  const byIndex = new Map(interfaces.map((each) => [each.index, each]))
  const counts: Counts = { devices: ends.length, ups: 0, masters: 0, sysctls: 0 }
  for (const { own, peer } of ends) if (!isEnd(byIndex.get(own.index), { own, peer })) return false
  const has = (op: ConfigOp | DeviceOp): boolean => op.op === 'veth.add' || hasOp(op, now, byIndex, counts, before)
  return (
    plan.devices.every(has) &&
    plan.interfaces.every(({ config }) => config.every(has)) &&
    plan.whole.every(has) &&
    isCount(interfaces, counts)
  )
}

function isCount(interfaces: readonly ObservedInterface[], { devices, ups, masters, sysctls }: Counts): boolean {
  const now: Counts = { devices: 0, ups: 0, masters: 0, sysctls: 0 }
  for (const each of interfaces) {
    if (each.kind !== 'loopback') now.devices++
    if (each.up) now.ups++
    if (each.master !== null) now.masters++
    for (const _ in each.sysctls) now.sysctls++
    if (each.wireguard) return false
  }
  return now.devices === devices && now.ups === ups && now.masters === masters && now.sysctls === sysctls
}

const isEnd = (now: ObservedInterface | undefined, { own, peer }: PlannedEnd): boolean =>
  now?.kind === 'veth' &&
  now.name === own.interface &&
  (own.mac === null || now.mac === own.mac) &&
  now.mtu === own.mtu &&
  now.gsoMaxSegs === (own.gsoMaxSegs ?? ANY_SEGMENTS) &&
  now.peer?.node === peer.node &&
  now.peer.index === peer.index

function hasOp(
  op: ConfigOp | DeviceOp,
  node: ObservedNode,
  byIndex: ReadonlyMap<number, ObservedInterface>,
  counts: Counts,
  before: Written,
): boolean {
  switch (op.op) {
    case 'link.up':
      counts.ups++
      return byIndex.get(op.index)?.up === true
    case 'link.enslave':
      counts.masters++
      return byIndex.get(op.index)?.master === op.master.index
    case 'sysctl.set':
      counts.sysctls++
      return byIndex.get(op.index)?.sysctls[op.key] === op.value
    case 'bridge.add':
    case 'link.add':
    case 'tun.add':
    case 'device.move': {
      counts.devices++
      const now = byIndex.get(op.index)
      const kernel = now && deviceOf(node, now, new Map())
      if (!kernel || !isDevice(kernel) || kernel.op !== op.op) return false
      return deviceChanges(kernel, op, before).every(({ identity, rest }) => identity === null && rest === null)
    }
    // They are compared apart from devices.
    default:
      return true
  }
}
