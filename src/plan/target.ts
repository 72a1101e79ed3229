// What an operation is done to, in the words of an error message.
import type { NeighboursAdd, Op } from './op.js'

/** The target of an operation for error messages: `h1:eth0`, `h1`. */
export function targetOf(op: Op | NeighboursAdd): string {
  switch (op.op) {
    case 'node.add':
      return op.node
    case 'veth.add':
      return `${op.node}:${op.interface}–${op.peer.node}:${op.peer.interface}`
    case 'address.add':
    case 'neighbour.add':
      return `${op.node}:${op.interface} ${op.address}`
    case 'nexthop.add':
      return `${op.node} next hop ${op.nexthop.id}`
    case 'rule.add':
      return `${op.node} rule ${op.rule.priority}`
    case 'sysctl.set':
    case 'node-sysctl.set':
      return `${op.node} ${op.key}`
    case 'remove':
      return targetOf(op.what)
    case 'replace':
      return targetOf(op.to)
    case 'route.add':
      return `${op.node} ${op.destination}`
    case 'bridge-vlan.add':
    case 'bridge-vlan.delete':
      return `${op.node}:${op.interface} VLAN ${op.vid}`
    case 'flood.add':
      return `${op.node}:${op.interface} ${op.remote}`
    case 'filter.add':
      return `${op.node}:${op.interface} ${op.mac}`
    case 'wire.link':
      return op.ends.join('–')
    case 'command.run':
      return `${op.node} ${op.command.join(' ')}`
    case 'bridge.add':
    case 'link.add':
    case 'tun.add':
    case 'device.move':
    case 'neighbours.add':
    case 'bridge-port.set':
    case 'wireguard.set':
    case 'wireguard.start':
    case 'link.enslave':
    case 'link.up':
    case 'qdisc.add':
    case 'class.add':
      return `${op.node}:${op.interface}`
  }
}
