// Whether two facts with the same key have the same values. What the topology does not state is not compared. Pure.
import type { WireguardSettings } from '../../../model/interfaces/wireguard.js'
import type { NexthopAdd, RouteAdd } from '../../op.js'
import type { FactOp } from './fact.js'

/** @param kernel what the kernel has; devices are compared by `deviceChanges` */
export function isSame(kernel: FactOp, wanted: FactOp): boolean {
  switch (wanted.op) {
    case 'link.enslave':
      return kernel.op === wanted.op && kernel.master.index === wanted.master.index
    case 'bridge-port.set':
      return (
        kernel.op === wanted.op && PORT_KEYS.every((key) => wanted[key] === undefined || kernel[key] === wanted[key])
      )
    case 'bridge-vlan.add':
      return kernel.op === wanted.op && kernel.untagged === wanted.untagged
    case 'bridge-vlan.delete':
      return false
    case 'wireguard.set':
      return kernel.op === wanted.op && isSameWireguard(kernel.settings, wanted.settings)
    case 'sysctl.set':
    case 'node-sysctl.set':
      return kernel.op === wanted.op && sysctlText(kernel.value) === sysctlText(wanted.value)
    case 'neighbour.add':
      return kernel.op === wanted.op && kernel.mac === wanted.mac
    case 'nexthop.add':
      return kernel.op === wanted.op && nexthopText(kernel) === nexthopText(wanted)
    case 'route.add':
      return kernel.op === wanted.op && isSameRoute(kernel, wanted)
    default:
      return true
  }
}

export const PORT_KEYS = ['cost', 'priority', 'group_fwd_mask'] as const

/** The kernel separates values by tabs. */
export const sysctlText = (value: string): string => value.trim().split(/\s+/).join(' ')

/** Most routes have one next hop, which is compared without making texts: a lab has tens of thousands of them. */
function isSameRoute(kernel: RouteAdd, wanted: RouteAdd): boolean {
  const [[now, more], [next, further]] = [kernel.nextHops, wanted.nextHops]
  if (!now || !next || more || further || wanted.nexthopId !== undefined) return routeText(kernel) === routeText(wanted)
  return (
    now.gateway === next.gateway &&
    now.index === next.index &&
    now.onlink === next.onlink &&
    kernel.source === wanted.source &&
    kernel.type === wanted.type &&
    kernel.nexthopId === undefined
  )
}

function routeText({ nextHops, source, type, nexthopId }: RouteAdd): string {
  // The kernel lists the next hops of a next-hop object with the route.
  const hops = nexthopId === undefined ? nextHops : []
  const texts = hops.map(({ gateway, index, weight = 1, onlink = false }) => {
    const share = hops.length === 1 ? 1 : weight
    return `${gateway} ${index} ${share} ${onlink}`
  })
  return [type ?? 'unicast', source, nexthopId, ...texts.toSorted()].join(', ')
}

function nexthopText({ nexthop, index }: NexthopAdd): string {
  if ('group' in nexthop)
    return nexthop.group
      .map(({ id, weight }) => `${id} ${weight}`)
      .toSorted()
      .join(', ')
  if ('blackhole' in nexthop) return `${nexthop.family} blackhole`
  return `${nexthop.family} ${nexthop.hop.gateway} ${index} ${nexthop.hop.onlink ?? false}`
}

/** Endpoints and keepalives are given when the peers start. */
function isSameWireguard(kernel: WireguardSettings, wanted: WireguardSettings): boolean {
  const peers = (of: WireguardSettings) =>
    of.peers.map(({ key, allowed }) => [key, ...allowed.toSorted()].join(' ')).toSorted()
  return (
    kernel.key === wanted.key &&
    (wanted.port === undefined || kernel.port === wanted.port) &&
    (kernel.fwmark ?? 0) === (wanted.fwmark ?? 0) &&
    peers(kernel).join('\n') === peers(wanted).join('\n')
  )
}
