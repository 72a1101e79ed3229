// Turns the removal of what an operation made into netlink requests.
import { LabError } from '../../errors.js'
import { deleteAddress } from '../../kernel/netlink/rtnl/address.js'
import { setBridgePort } from '../../kernel/netlink/rtnl/bridge-port.js'
import { addBridgeVlan, deleteBridgeVlan } from '../../kernel/netlink/rtnl/bridge-vlan.js'
import { TC_H_ROOT } from '../../kernel/netlink/rtnl/constants.js'
import { deleteFlood } from '../../kernel/netlink/rtnl/forwarding.js'
import { deleteLink, setLink } from '../../kernel/netlink/rtnl/link.js'
import { deleteNeighbour } from '../../kernel/netlink/rtnl/neighbour.js'
import { deleteNexthop } from '../../kernel/netlink/rtnl/nexthop.js'
import type { Request } from '../../kernel/netlink/rtnl/request.js'
import { deleteRoute } from '../../kernel/netlink/rtnl/route.js'
import { deleteRule } from '../../kernel/netlink/rtnl/rule.js'
import { deleteClass } from '../../kernel/netlink/rtnl/tc/class.js'
import { deleteFilters } from '../../kernel/netlink/rtnl/tc/filter.js'
import { handle } from '../../kernel/netlink/rtnl/tc/message.js'
import { deleteQdisc } from '../../kernel/netlink/rtnl/tc/qdisc.js'
import type { ReversibleOp } from '../../plan/op.js'
import { targetOf } from '../../plan/target.js'

/** What the kernel gives a new port of a bridge, but for the cost, which follows from the speed of the interface (here a veth's). */
const NEW_PORT = { cost: 2, priority: 32, groupFwdMask: 0 }

/** What takes away what an operation made, to be sent in the network of `what.node`; none for what goes with its interface. */
export function removalRequests(what: ReversibleOp): Request[] {
  const target = targetOf(what)
  switch (what.op) {
    case 'bridge.add':
    case 'link.add':
    case 'tun.add':
    case 'veth.add':
      return [deleteLink({ target, index: what.index })]
    case 'device.move':
      throw new LabError('INTERNAL', `${target}: a device of the machine leaves a node with the lab alone`)
    case 'wireguard.set':
    case 'sysctl.set':
    case 'node-sysctl.set':
      return []
    case 'link.enslave':
      return [setLink({ target, index: what.index, master: null })]
    case 'link.up':
      return [setLink({ target, index: what.index, up: false })]
    case 'bridge-port.set':
      return [setBridgePort({ target, index: what.index, ...NEW_PORT })]
    case 'bridge-vlan.add':
      return [deleteBridgeVlan({ target, ...what })]
    case 'bridge-vlan.delete':
      return [addBridgeVlan({ target, ...what, pvid: what.untagged })]
    case 'flood.add':
      return [deleteFlood({ target, index: what.index, remote: what.remote })]
    case 'address.add':
      return [deleteAddress({ target, index: what.index, family: what.family, address: what.address })]
    case 'neighbours.add': {
      const { index, entries } = what
      return entries.map(({ address }) => deleteNeighbour({ target: `${target} ${address}`, index, address }))
    }
    case 'neighbour.add':
      return [deleteNeighbour({ target, index: what.index, address: what.address })]
    case 'nexthop.add':
      return [deleteNexthop({ target, id: what.nexthop.id })]
    case 'route.add': {
      const { op: _, node: __, ...route } = what
      return [deleteRoute({ target, ...route })]
    }
    case 'rule.add':
      return [deleteRule({ target, ...what.rule })]
    case 'qdisc.add': {
      const parent = what.parent === 'root' ? TC_H_ROOT : handle(what.parent.major, what.parent.minor)
      return [deleteQdisc({ target, index: what.index, handle: handle(what.major), parent })]
    }
    case 'class.add': {
      const [own, parent] = [what.id, what.parent].map(({ major, minor }) => handle(major, minor)) as [number, number]
      return [deleteClass({ target, index: what.index, handle: own, parent })]
    }
    case 'filter.add': {
      const parent = handle(what.parent.major, what.parent.minor)
      return [deleteFilters({ target, index: what.index, parent, priority: what.priority })]
    }
  }
}
