// The commands that take away what an operation made. Pure text.
import type { ReversibleOp } from '../op.js'
import { bridgeVlanCommand } from './device.js'
import { routeWords, ruleWords } from './route.js'
import { deviceWord, quoted } from './shell.js'
import { tcPlace } from './tc.js'

/** A comment where nothing is done: it goes with its interface. */
export function removalCommand(op: ReversibleOp): string {
  const ip = `ip -n ${op.node}`
  switch (op.op) {
    case 'veth.add':
    case 'bridge.add':
    case 'link.add':
    case 'tun.add':
      return `${ip} link delete ${deviceWord(op.interface)}`
    case 'device.move':
      return `${ip} link set ${deviceWord(op.interface)} netns 1`
    case 'link.up':
      return `${ip} link set ${deviceWord(op.interface)} down`
    case 'link.enslave':
      return `${ip} link set ${deviceWord(op.interface)} nomaster`
    case 'bridge-port.set':
      return `${ip} link set ${deviceWord(op.interface)} type bridge_slave cost 2 priority 32 group_fwd_mask 0`
    case 'bridge-vlan.add':
      return bridgeVlanCommand({ ...op, op: 'bridge-vlan.delete', untagged: false })
    case 'bridge-vlan.delete':
      return bridgeVlanCommand({ ...op, op: 'bridge-vlan.add' })
    case 'flood.add':
      return `bridge -n ${op.node} fdb delete 00:00:00:00:00:00 dev ${quoted(op.interface)} dst ${op.remote} self`
    case 'address.add':
      return `${ip} address delete ${op.address} dev ${quoted(op.interface)}`
    case 'neighbours.add':
      return op.entries
        .map(({ address }) => `${ip} neighbour delete ${address} dev ${quoted(op.interface)}`)
        .join(' && ')
    case 'neighbour.add':
      return `${ip} neighbour delete ${op.address} dev ${quoted(op.interface)}`
    case 'nexthop.add':
      return `${ip} nexthop delete id ${op.nexthop.id}`
    case 'route.add':
      return routeWords('delete', op)
    case 'rule.add':
      return ruleWords('delete', op)
    case 'qdisc.add':
      return `tc -n ${op.node} qdisc delete dev ${quoted(op.interface)} ${tcPlace(op.parent)}`
    case 'class.add':
      return `tc -n ${op.node} class delete dev ${quoted(op.interface)} classid ${tcNumber(op.id)}`
    case 'filter.add':
      return `tc -n ${op.node} filter delete dev ${quoted(op.interface)} ${tcPlace(op.parent)} protocol all prio ${op.priority}`
    case 'wireguard.set':
      return `# the peers of ${op.interface} go with it`
    case 'sysctl.set':
    case 'node-sysctl.set':
      return `# ${op.key} goes with what it is of`
  }
}

const tcNumber = ({ major, minor }: { major: number; minor: number }): string =>
  `${major.toString(16)}:${minor.toString(16)}`
