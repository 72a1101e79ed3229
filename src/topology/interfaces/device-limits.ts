// What the kernel would refuse of a device once everything in it is known, in words that say nothing: an MTU that cannot
// be, a tunnel that could not be told from another one.

import type { DeviceSettings } from '../../model/interface-settings.js'
import type { ResolvedInterface } from '../../model/resolved.js'
import type { WrittenDevice } from '../schema/interfaces/interfaces.js'
import type { Faults } from '../source/fault.js'
import { IPV6_MIN_MTU } from '../wiring/end-settings.js'

/** @param all interfaces of the node; what this one stands on has its MTU by then */
export function refuseMtu(
  node: string,
  { name, mtu, addresses }: ResolvedInterface,
  device: WrittenDevice,
  all: readonly ResolvedInterface[],
  faults: Faults,
): void {
  const refuse = (message: string) =>
    device.mtu === undefined
      ? faults.add(['nodes', node, 'interfaces', name], message, 'key')
      : faults.add(['nodes', node, 'interfaces', name, 'mtu'], message)
  const below = device.kind === 'macvlan' || device.kind === 'vlan' ? device.parent : undefined
  const most = all.find((each) => each.name === below)?.mtu
  if (most !== undefined && mtu > most) refuse(`${name} sends by ${below}, whose mtu is ${most}`)
  if (mtu < IPV6_MIN_MTU && addresses.some((address) => address.includes(':')))
    refuse(`IPv6 needs an mtu of ${IPV6_MIN_MTU} or more, and that of ${name} is ${mtu}`)
}

export function refuseTunnelsTwice(node: string, interfaces: readonly ResolvedInterface[], faults: Faults): void {
  const owners = new Map<string, string>()
  for (const { name, settings } of interfaces) {
    const identity = settings ? tunnelIdentity(settings) : null
    if (identity === null) continue
    const other = owners.get(identity)
    if (other === undefined) owners.set(identity, name)
    else faults.add(['nodes', node, 'interfaces', name], `${identity} is ${other}'s already`, 'key')
  }
}

/** What a tunnel is told by in its node, in words; null for what is no tunnel. */
function tunnelIdentity(settings: DeviceSettings): string | null {
  switch (settings.kind) {
    case 'vxlan': {
      const { id, remote, local = '', dev, dstport } = settings
      const addresses = [...remote, local]
      const family = addresses.some((address) => address.includes(':')) ? 'IPv6' : 'IPv4'
      const link = addresses.some(isOfLink) ? ` by ${dev}` : ''
      return `VXLAN ${id} over ${family} at port ${dstport}${link}`
    }
    case 'geneve':
      return `Geneve ${settings.id} to ${settings.remote} at port ${settings.dstport}`
    case 'gre':
    case 'gretap':
    case 'ip6gre':
    case 'ip6gretap': {
      const key = settings.key === undefined ? '' : ` with key ${settings.key}`
      return `the ${settings.kind} tunnel ${between(settings)}${key}`
    }
    case 'ipip':
    case 'sit':
    case 'ip6tnl':
      return `the ${settings.kind} tunnel ${between(settings)}`
    default:
      return null
  }
}

/** Unicast or multicast that means something on one link alone (RFC 4291 section 2.7). */
const isOfLink = (address: string): boolean => /^f(?:e[89ab][0-9a-f]|f[0-9a-f]2):/.test(address)

interface Ends {
  remote: string
  local?: string | undefined
  dev?: string | undefined
}

const between = ({ remote, local, dev }: Ends): string =>
  `${local === undefined ? '' : `from ${local} `}to ${remote}${dev === undefined ? '' : ` by ${dev}`}`
