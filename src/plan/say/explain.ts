// The iproute2 or util-linux command that does the same as an operation. Pure text.

import type { DeviceMove, Op, VethAdd } from '../op.js'
import { bridgePortCommand, bridgeVlanCommand, deviceCommand } from './device.js'
import { nodeCommand } from './node.js'
import { removalCommand } from './removal.js'
import { replacementCommand } from './replacement.js'
import { nexthopCommand, routeCommand, ruleCommand } from './route.js'
import { deviceWord, quoted } from './shell.js'
import { emulationCommand } from './tc.js'
import { wireNote } from './wire.js'
import { wireguardSetCommand, wireguardStartCommand } from './wireguard.js'

/** One operation with its command: an entry of the `plan --json` document. */
export interface ExplainedOp {
  op: Op['op']
  node: string
  interface?: string
  command: string
}

/** Explains operations in order, one entry each. */
export function explain(ops: readonly Op[]): ExplainedOp[] {
  return ops.map((op) => ({
    op: op.op,
    node: op.node,
    ...('interface' in op ? { interface: op.interface } : {}),
    command: commandOf(op),
  }))
}

function commandOf(op: Op): string {
  switch (op.op) {
    case 'node.add':
      return nodeCommand(op)
    case 'bridge.add':
    case 'link.add':
    case 'tun.add':
      return deviceCommand(op)
    case 'device.move':
      return moveCommand(op)
    case 'wireguard.set':
      return wireguardSetCommand(op)
    case 'wireguard.start':
      return wireguardStartCommand(op)
    case 'link.enslave':
      return `ip -n ${op.node} link set ${deviceWord(op.interface)} master ${quoted(op.master.interface)}`
    case 'bridge-port.set':
      return bridgePortCommand(op)
    case 'bridge-vlan.add':
    case 'bridge-vlan.delete':
      return bridgeVlanCommand(op)
    case 'flood.add':
      return `bridge -n ${op.node} fdb append 00:00:00:00:00:00 dev ${quoted(op.interface)} dst ${op.remote} self permanent`
    case 'sysctl.set':
      return `ip netns exec ${op.node} sysctl -qw ${quoted(`${op.key}=${op.value}`)}`
    case 'node-sysctl.set':
      return `ip netns exec ${op.node} sysctl -qw ${quoted(`${op.key}=${op.value}`)}`
    case 'remove':
      return removalCommand(op.what)
    case 'replace':
      return replacementCommand(op)
    case 'veth.add':
      return vethCommand(op)
    case 'link.up':
      return `ip -n ${op.node} link set ${deviceWord(op.interface)} up`
    case 'address.add':
      return `ip -n ${op.node} address add ${op.address} dev ${quoted(op.interface)}${op.noDad ? ' nodad' : ''}`
    case 'neighbour.add':
      return `ip -n ${op.node} neighbour add ${op.address} lladdr ${op.mac} dev ${quoted(op.interface)} nud permanent`
    case 'route.add':
      return routeCommand(op)
    case 'nexthop.add':
      return nexthopCommand(op)
    case 'rule.add':
      return ruleCommand(op)
    case 'qdisc.add':
    case 'class.add':
    case 'filter.add':
      return emulationCommand(op)
    case 'wire.link':
      return wireNote(op)
    case 'command.run':
      return `ip netns exec ${op.node} ${op.command.map(quoted).join(' ')}`
  }
}

const segmentsOf = ({ gsoMaxSegs }: { gsoMaxSegs?: number }): string =>
  gsoMaxSegs === undefined ? '' : ` gso_max_segs ${gsoMaxSegs}`

const macOf = ({ mac }: { mac: string | null }): string => (mac === null ? '' : ` address ${mac}`)

function vethCommand({ node, interface: name, index, mtu, peer, queues: count, ...end }: VethAdd): string {
  const queues = `numtxqueues ${count} numrxqueues ${count}`
  const first = `ip -n ${node} link add ${deviceWord(name)} index ${index}${macOf(end)} mtu ${mtu} ${queues}${segmentsOf(end)} type veth`
  return `${first} peer name ${quoted(peer.interface)} index ${peer.index}${macOf(peer)} mtu ${peer.mtu} ${queues}${segmentsOf(peer)} netns ${peer.node}`
}

const moveCommand = ({ node, interface: name, device, mtu, ...end }: DeviceMove): string =>
  `ip link set ${deviceWord(device)} netns ${node} name ${quoted(name)} && ip -n ${node} link set ${deviceWord(name)}${macOf(end)} mtu ${mtu}`
