// The commands that change in place what an operation made. Pure text.
import type { DeviceOp, Replacement } from '../op.js'
import { bridgePortCommand, bridgeVlanCommand, settingsWords } from './device.js'
import { removalCommand } from './removal.js'
import { nexthopWords, routeWords, ruleCommand } from './route.js'
import { deviceWord, quoted } from './shell.js'
import { emulationCommand } from './tc.js'
import { wireguardSetCommand } from './wireguard.js'

export function replacementCommand({ node, from, to }: Replacement): string {
  switch (to.op) {
    case 'veth.add':
    case 'bridge.add':
    case 'link.add':
    case 'tun.add':
    case 'device.move':
      return deviceChange(node, from as DeviceOp, to)
    case 'link.enslave':
      return `ip -n ${node} link set ${deviceWord(to.interface)} master ${quoted(to.master.interface)}`
    case 'link.up':
      return `ip -n ${node} link set ${deviceWord(to.interface)} up`
    case 'bridge-port.set':
      return bridgePortCommand(to)
    case 'bridge-vlan.add':
    case 'bridge-vlan.delete':
      return bridgeVlanCommand(to)
    case 'flood.add':
      return `${removalCommand(from)} && bridge -n ${node} fdb append 00:00:00:00:00:00 dev ${quoted(to.interface)} dst ${to.remote} self permanent`
    case 'wireguard.set':
      return wireguardSetCommand(to)
    case 'sysctl.set':
    case 'node-sysctl.set':
      return `ip netns exec ${node} sysctl -qw ${quoted(`${to.key}=${to.value}`)}`
    case 'address.add':
      return `${removalCommand(from)} && ip -n ${node} address add ${to.address} dev ${quoted(to.interface)}${to.noDad ? ' nodad' : ''}`
    case 'neighbours.add':
      return to.entries.map(({ address, mac }) => neighbour(node, to.interface, address, mac)).join(' && ')
    case 'neighbour.add':
      return neighbour(node, to.interface, to.address, to.mac)
    case 'nexthop.add':
      return nexthopWords('replace', to)
    case 'route.add':
      return routeWords('replace', to)
    case 'rule.add':
      return `${ruleCommand(to)} && ${removalCommand(from)}`
    case 'qdisc.add':
    case 'class.add':
    case 'filter.add':
      return emulationCommand(to).replace(/ (qdisc|class|filter) add /, ' $1 change ')
  }
}

const neighbour = (node: string, name: string, address: string, mac: string): string =>
  `ip -n ${node} neighbour replace ${address} lladdr ${mac} dev ${quoted(name)} nud permanent`

/** A new name, then what belongs to every device, then the settings of its kind. */
function deviceChange(node: string, from: DeviceOp, to: DeviceOp): string {
  const [is, next] = [from, to].map((op) => (op.op === 'veth.add' && op.node !== node ? op.peer : op)) as [
    DeviceOp,
    DeviceOp,
  ]
  const set = (name: string, words: string) => `ip -n ${node} link set ${deviceWord(name)} ${words}`
  const segments = [is, next].map((end) => ('gsoMaxSegs' in end ? end.gsoMaxSegs : undefined))
  const words = [
    ...(next.mac === null || next.mac === is.mac ? [] : [`address ${next.mac}`]),
    ...(next.mtu === is.mtu ? [] : [`mtu ${next.mtu}`]),
    ...(segments[0] === segments[1] ? [] : [`gso_max_segs ${segments[1] ?? ANY_SEGMENTS}`]),
  ]
  return [
    ...(next.interface === is.interface ? [] : [set(is.interface, `name ${quoted(next.interface)}`)]),
    ...(words.length === 0 ? [] : [set(next.interface, words.join(' '))]),
    ...settingsChange(node, from, to),
  ].join(' && ')
}

/** GSO_MAX_SEGS of linux/netdevice.h, the kernel's default. */
const ANY_SEGMENTS = 65_535

function settingsChange(node: string, from: DeviceOp, to: DeviceOp): string[] {
  if (!('settings' in to) || !('settings' in from) || !to.settings) return []
  if (JSON.stringify([from.settings, indexesOf(from)]) === JSON.stringify([to.settings, indexesOf(to)])) return []
  return [
    [`ip -n ${node} link set ${deviceWord(to.interface)} type`, to.settings.kind, ...settingsWords(to.settings)].join(
      ' ',
    ),
  ]
}

const indexesOf = (op: DeviceOp): unknown => ('indexes' in op ? op.indexes : {})
