// The written MTU and MAC address of the ends of links: chooses among the places where they can be written, and refuses wrong
// ones.

import { DEFAULT_MTU } from '../../model/interfaces/traits.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import type { Topology } from '../source/topology.js'
import { suggestion } from '../values/suggest.js'
import type { Segment } from './segments.js'
import { BRIDGE_NAME, type WiredEnd, type WiredLink } from './wire-links.js'

export interface Setting<T> {
  value: T
  /** Where it is written. */
  path: Path
}

/** RFC 8200 section 5. */
export const IPV6_MIN_MTU = 1280

/** The most specific one wins: that of the end itself, of the node's interface, of the link, of the whole node. */
function mtuSetting(topology: Topology, link: WiredLink, end: WiredEnd): Setting<number> | null {
  const ofNode = topology.nodes.get(end.node)?.mtu
  const nodePath = ['nodes', end.node, 'mtu']
  const candidates: [number | undefined, Path][] = [
    [end.settings.mtu, [...end.path, 'mtu']],
    [ownValue(ofNode, end.interface), [...nodePath, end.interface]],
    [topology.links[link.index]?.mtu, ['links', link.index, 'mtu']],
    [typeof ofNode === 'number' ? ofNode : undefined, nodePath],
  ]
  for (const [value, path] of candidates) if (value !== undefined) return { value, path }
  return null
}

export const mtuOf = (topology: Topology, link: WiredLink, end: WiredEnd): number =>
  mtuSetting(topology, link, end)?.value ?? DEFAULT_MTU

export const isMtuWritten = (topology: Topology, link: WiredLink, end: WiredEnd): boolean =>
  mtuSetting(topology, link, end) !== null

/** The MTU of a switch's bridge is the smallest of its ports, as the kernel requires. */
export function bridgeMtu(topology: Topology, links: readonly WiredLink[], node: string): number {
  const ports = links.flatMap((link) =>
    link.ends.filter((end) => end.node === node).map((end) => mtuOf(topology, link, end)),
  )
  return ports.length === 0 ? DEFAULT_MTU : Math.min(...ports)
}

function macSetting(topology: Topology, end: WiredEnd): Setting<string> | null {
  if (end.settings.mac !== undefined) return { value: end.settings.mac, path: [...end.path, 'mac'] }
  const value = ownValue(topology.nodes.get(end.node)?.mac, end.interface)
  return value === undefined ? null : { value, path: ['nodes', end.node, 'mac', end.interface] }
}

/** The written MAC addresses in lower case, by `NODE:INTERFACE`. */
export function writtenMacs(topology: Topology, links: readonly WiredLink[]): Map<string, string> {
  const macs = new Map<string, string>()
  for (const [node, { kind, mac }] of topology.nodes) {
    const bridge = kind === 'switch' ? ownValue(mac, BRIDGE_NAME) : undefined
    if (bridge !== undefined) macs.set(`${node}:${BRIDGE_NAME}`, bridge.toLowerCase())
  }
  for (const end of links.flatMap(({ ends }) => ends)) {
    const written = macSetting(topology, end)
    if (written) macs.set(`${end.node}:${end.interface}`, written.value.toLowerCase())
  }
  return macs
}

/** Refuses settings of an interface that does not exist, an MTU below that of IPv6, and a MAC address twice on one segment. */
export function refuseEndSettings(
  topology: Topology,
  links: readonly WiredLink[],
  segments: readonly Segment[],
  hasIpv6: (end: WiredEnd) => boolean,
  faults: Faults,
): void {
  const ends = links.flatMap((link) => link.ends)
  refuseUnknownInterfaces(topology, ends, faults)
  refuseSmallMtu(topology, links, hasIpv6, faults)
  for (const segment of segments) refuseSharedMac(topology, segment, faults)
}

function refuseUnknownInterfaces(topology: Topology, ends: readonly WiredEnd[], faults: Faults): void {
  const names = new Map<string, string[]>([...topology.nodes.keys()].map((node) => [node, []]))
  for (const end of ends) names.get(end.node)?.push(end.interface)
  for (const [node, { kind, mac, mtu, interfaces }] of topology.nodes) {
    for (const [key, settings] of Object.entries({ mac, mtu })) {
      const known = [...(names.get(node) ?? []), ...(key === 'mac' && kind === 'switch' ? [BRIDGE_NAME] : [])]
      for (const name of typeof settings === 'object' ? Object.keys(settings) : []) {
        if (known.includes(name)) continue
        const help = suggestion(name, known) || (known.length === 0 ? '' : `; it has ${known.join(', ')}`)
        const isDevice = ownValue(interfaces, name) !== undefined || (kind === 'switch' && name === BRIDGE_NAME)
        const message = isDevice
          ? `${name} is no end of a link: write its ${key} under \`interfaces\`, where it is`
          : `${node} has no link at an interface ${name}${help}`
        faults.add(['nodes', node, key, name], message, 'key')
      }
    }
  }
}

function refuseSmallMtu(
  topology: Topology,
  links: readonly WiredLink[],
  hasIpv6: (end: WiredEnd) => boolean,
  faults: Faults,
): void {
  const reported = new Set<string>()
  for (const link of links) {
    for (const end of link.ends) {
      const mtu = mtuSetting(topology, link, end)
      if (!mtu || mtu.value >= IPV6_MIN_MTU || !hasIpv6(end) || reported.has(mtu.path.join())) continue
      reported.add(mtu.path.join())
      faults.add(
        mtu.path,
        `IPv6 needs an mtu of ${IPV6_MIN_MTU} or more; write \`families: [4]\` for less, at the link, the node or the lab`,
      )
    }
  }
}

function refuseSharedMac(topology: Topology, { links }: Segment, faults: Faults): void {
  const owners = new Map<string, string>()
  for (const end of links.flatMap(({ ends }) => ends)) {
    const mac = macSetting(topology, end)
    if (!mac) continue
    const other = owners.get(mac.value.toLowerCase())
    if (other !== undefined)
      faults.add(mac.path, `${mac.value} is the MAC address of ${other} already, on the same network`)
    else owners.set(mac.value.toLowerCase(), `${end.node}:${end.interface}`)
  }
}

/** The value under a key of the map itself, since an interface may be called `constructor`, which every object has. */
function ownValue<T>(map: Record<string, T> | number | undefined, name: string): T | undefined {
  return typeof map === 'object' && Object.hasOwn(map, name) ? map[name] : undefined
}
