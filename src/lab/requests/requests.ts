// Turns operations of a plan into netlink requests. Pure but for looking up descriptors of namespaces.

import { addAddress } from '../../kernel/netlink/rtnl/address.js'
import { setBridgePort } from '../../kernel/netlink/rtnl/bridge-port.js'
import { addBridgeVlan, deleteBridgeVlan } from '../../kernel/netlink/rtnl/bridge-vlan.js'
import { appendFlood } from '../../kernel/netlink/rtnl/forwarding.js'
import { setLink } from '../../kernel/netlink/rtnl/link.js'
import { addNeighbours, type NeighbourMessages } from '../../kernel/netlink/rtnl/neighbour.js'
import { addNexthop } from '../../kernel/netlink/rtnl/nexthop.js'
import type { Request, Series } from '../../kernel/netlink/rtnl/request.js'
import { addRoute } from '../../kernel/netlink/rtnl/route.js'
import { addRule } from '../../kernel/netlink/rtnl/rule.js'
import { createVeth } from '../../kernel/netlink/rtnl/veth.js'
import type { Removal, Replacement } from '../../plan/op.js'
import { targetOf } from '../../plan/target.js'
import type { RouteOp } from '../execute/kernel-port.js'
import { bridgeRequest, deviceRequest } from './device-requests.js'
import { emulationRequest } from './emulation-requests.js'
import { nexthopOf, routeOf } from './path-settings.js'
import { removalRequests } from './removal-requests.js'
import { replacementRequests } from './replacement-requests.js'

/** What requests need besides their operation. */
export interface RequestContext {
  /** An open descriptor of a node's network namespace, by node name. */
  netnsFdOf: (node: string) => number
  /** Shared by all nodes of the lab. */
  neighbours: NeighbourMessages
}

/** What carries out one operation, to be sent in the network namespace of `op.node`, in order. */
export function requestsFor(op: RouteOp, context: RequestContext): (Request | Series)[] {
  if (op.op === 'remove') return removalRequests(op.what)
  if (op.op === 'replace') return replacementRequests(op, context)
  return [requestFor(op, context)]
}

/** What makes something. */
export function requestFor(
  op: Exclude<RouteOp, Removal | Replacement>,
  { netnsFdOf, neighbours }: RequestContext,
): Request | Series {
  const target = targetOf(op)
  switch (op.op) {
    case 'bridge.add':
      return bridgeRequest(op)
    case 'link.add':
      return deviceRequest(op)
    case 'tun.add':
    case 'device.move':
      // The device is there: the executor has made or moved it.
      return setLink({ target, index: op.index, mtu: op.mtu, ...(op.mac === null ? {} : { mac: op.mac }) })
    case 'link.enslave':
      return setLink({ target, index: op.index, master: op.master.index })
    case 'bridge-port.set': {
      const { index, cost, priority, group_fwd_mask: groupFwdMask } = op
      return setBridgePort({ target, index, cost, priority, groupFwdMask })
    }
    case 'bridge-vlan.add':
      return addBridgeVlan({ target, ...op, pvid: op.untagged })
    case 'bridge-vlan.delete':
      return deleteBridgeVlan({ target, ...op })
    case 'flood.add':
      return appendFlood({ target, index: op.index, remote: op.remote })
    case 'veth.add': {
      const { interface: name, index, mac, mtu, gsoMaxSegs } = op.peer
      const peer = { name, index, mac, mtu, gsoMaxSegs, netnsFd: netnsFdOf(op.peer.node) }
      const end = { target, name: op.interface, index: op.index, mac: op.mac, mtu: op.mtu, gsoMaxSegs: op.gsoMaxSegs }
      return createVeth({ ...end, queues: op.queues, peer })
    }
    case 'link.up':
      return setLink({ target, index: op.index, up: true })
    case 'address.add':
      return addAddress({ target, index: op.index, family: op.family, address: op.address, noDad: op.noDad })
    case 'neighbours.add':
      return addNeighbours({ target, index: op.index, entries: op.entries }, neighbours)
    case 'route.add':
      return addRoute(routeOf(op))
    case 'nexthop.add':
      return addNexthop(nexthopOf(op))
    case 'rule.add':
      return addRule({ target, ...op.rule })
    case 'qdisc.add':
    case 'class.add':
    case 'filter.add':
      return emulationRequest(op)
  }
}
