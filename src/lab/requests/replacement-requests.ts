// Turns the replacement of what one operation made by what another one makes into netlink requests, so that nothing is missing in
// between where the kernel can do that.
import { addAddress } from '../../kernel/netlink/rtnl/address.js'
import { setBridgePort } from '../../kernel/netlink/rtnl/bridge-port.js'
import { addBridgeVlan, deleteBridgeVlan } from '../../kernel/netlink/rtnl/bridge-vlan.js'
import { changeKind } from '../../kernel/netlink/rtnl/change-kind.js'
import { appendFlood } from '../../kernel/netlink/rtnl/forwarding.js'
import { type LinkChange, setLink } from '../../kernel/netlink/rtnl/link.js'
import { addNeighbour, addNeighbours, type NeighbourMessages } from '../../kernel/netlink/rtnl/neighbour.js'
import { replaceNexthop } from '../../kernel/netlink/rtnl/nexthop.js'
import type { Request, Series } from '../../kernel/netlink/rtnl/request.js'
import { replaceRoute } from '../../kernel/netlink/rtnl/route.js'
import { addRule } from '../../kernel/netlink/rtnl/rule.js'
import type { BridgeAdd, DeviceOp, Replacement } from '../../plan/op.js'
import { targetOf } from '../../plan/target.js'
import { bridgeRequest, deviceRequest } from './device-requests.js'
import { changeRequest } from './emulation-requests.js'
import { nexthopOf, routeOf } from './path-settings.js'
import { removalRequests } from './removal-requests.js'

/** GSO_MAX_SEGS of linux/netdevice.h, the kernel's default. */
const ANY_SEGMENTS = 65_535
/** What the kernel gives a new bridge. */
const NEW_BRIDGE: BridgeAdd['settings'] & object = {
  ...{ kind: 'bridge', forward_delay: 15, hello_time: 2, max_age: 20, ageing: 300, stp: false, priority: 32_768 },
  ...{ vlan_filtering: false, multicast_snooping: true, default_pvid: 1, group_fwd_mask: 0 },
}

/**
 * What is sent in the network of `op.node`, in order. The name of a device is not changed by it: the kernel may refuse that while
 * the device is up.
 */
export function replacementRequests(
  { node, from, to }: Replacement,
  { neighbours }: { neighbours: NeighbourMessages },
): (Request | Series)[] {
  const target = targetOf(to)
  switch (to.op) {
    case 'bridge.add':
    case 'link.add':
    case 'tun.add':
    case 'device.move':
    case 'veth.add':
      return [...endRequests(node, from as DeviceOp, to), ...settingsRequests(from as DeviceOp, to)]
    case 'link.enslave':
      return [setLink({ target, index: to.index, master: to.master.index })]
    // It is up before and after.
    case 'link.up':
      return []
    case 'bridge-port.set': {
      const { index, cost, priority, group_fwd_mask: groupFwdMask } = to
      return [setBridgePort({ target, index, cost, priority, groupFwdMask })]
    }
    case 'bridge-vlan.add':
      return [addBridgeVlan({ target, ...to, pvid: to.untagged })]
    case 'bridge-vlan.delete':
      return [deleteBridgeVlan({ target, ...to })]
    // The executor carries these out without route netlink.
    case 'wireguard.set':
    case 'sysctl.set':
    case 'node-sysctl.set':
      return []
    case 'neighbours.add':
      return [addNeighbours({ target, index: to.index, entries: to.entries }, neighbours)]
    case 'neighbour.add':
      return [addNeighbour({ target, index: to.index, address: to.address, mac: to.mac })]
    case 'nexthop.add':
      return [replaceNexthop(nexthopOf(to))]
    case 'route.add':
      return [replaceRoute(routeOf(to))]
    case 'qdisc.add':
    case 'class.add':
    case 'filter.add': {
      const request = changeRequest(to)
      return request === null ? [] : [request]
    }
    // The new one first, so that one of them is always there.
    case 'rule.add':
      return [addRule({ target, ...to.rule }), ...removalRequests(from)]
    case 'flood.add':
      return [appendFlood({ target, index: to.index, remote: to.remote }), ...removalRequests(from)]
    // The kernel takes one of them alone.
    case 'address.add': {
      const { index, family, address, noDad } = to
      return [...removalRequests(from), addAddress({ target, index, family, address, noDad })]
    }
  }
}

/** An end of a veth pair, or another device. */
type End = Pick<DeviceOp, 'node' | 'interface' | 'index' | 'mac' | 'mtu'> & { gsoMaxSegs?: number }

/** The devices of a node that an operation makes. */
export function endsIn(node: string, op: DeviceOp): End[] {
  const ends: End[] = op.op === 'veth.add' ? [op, op.peer] : [op]
  return ends.filter((end) => end.node === node)
}

/** MAC address, MTU and the limit of segments, where they differ. */
function endRequests(node: string, from: DeviceOp, to: DeviceOp): Request[] {
  const before = new Map(endsIn(node, from).map((end) => [end.index, end]))
  return endsIn(node, to).flatMap((end) => {
    const old = before.get(end.index)
    const change: Partial<LinkChange> = {
      ...(end.mac !== null && end.mac !== old?.mac ? { mac: end.mac } : {}),
      ...(end.mtu !== old?.mtu ? { mtu: end.mtu } : {}),
      ...(end.gsoMaxSegs !== old?.gsoMaxSegs ? { gsoMaxSegs: end.gsoMaxSegs ?? ANY_SEGMENTS } : {}),
    }
    if (Object.keys(change).length === 0) return []
    return [setLink({ target: `${end.node}:${end.interface}`, index: end.index, ...change })]
  })
}

/** Settings of its kind, where they differ. */
function settingsRequests(from: DeviceOp, to: DeviceOp): Request[] {
  if (from.op === 'bridge.add' && to.op === 'bridge.add') {
    const [before, after] = [from, to].map(({ settings }): Record<string, unknown> => ({ ...NEW_BRIDGE, ...settings }))
    // Those alone that change: a kernel without VLAN filtering refuses these settings in any case.
    // A topology change shortens the ageing time, and the kernel restores that only while STP is on (__br_set_topology_change).
    const isStpOff = before?.stp === true && after?.stp !== true
    const changed = Object.entries(after ?? {}).filter(
      ([key, value]) => before?.[key] !== value || (key === 'ageing' && isStpOff),
    )
    if (changed.length === 0) return []
    const of = (values: Record<string, unknown> = {}) =>
      ({ kind: 'bridge', ...Object.fromEntries(changed.map(([key]) => [key, values[key]])) }) as BridgeAdd['settings'] &
        object
    const [old, next] = [
      bridgeRequest({ ...from, settings: of(before) }),
      bridgeRequest({ ...to, settings: of(after) }),
    ]
    return [changeKind(to.index, old, next)]
  }
  if (from.op !== 'link.add' || to.op !== 'link.add') return []
  const isSame = JSON.stringify([from.settings, from.indexes]) === JSON.stringify([to.settings, to.indexes])
  return isSame ? [] : [changeKind(to.index, deviceRequest(from), deviceRequest(to))]
}
