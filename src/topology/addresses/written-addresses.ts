// Reads the addresses and subnets that the user wrote, assigns them to interfaces and segments, and refuses wrong ones.

import type { Family } from '../../model/family.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import type { Topology } from '../source/topology.js'
import { interfaceKey } from '../values/interface-key.js'
import {
  bitsOf,
  contains,
  formatAddress,
  isBroadcast,
  isLinkLocal,
  type Prefix,
  parsePrefix,
} from '../values/prefix.js'
import { suggestion } from '../values/suggest.js'
import { addressedMaster, type Stacks } from '../wiring/node-stack.js'
import type { Segment } from '../wiring/segments.js'
import { BRIDGE_NAME } from '../wiring/wire-links.js'
import { AddressOwners } from './address-owners.js'
import type { Families } from './families.js'

/** An address or a subnet, and where it is written. */
export interface WrittenPrefix {
  prefix: Prefix
  path: Path
}

/** The written addresses of interfaces, by `NODE:INTERFACE`. An empty list says that the interface must have no address. */
export type WrittenAddresses = ReadonlyMap<string, readonly WrittenPrefix[]>

/** Reads `addresses` and `loopback` of nodes, and `addresses` of interfaces and of ends of links. */
export function readAddresses(
  topology: Topology,
  segments: readonly Segment[],
  stacks: Stacks,
  families: Families,
  faults: Faults,
): { written: WrittenAddresses; anycast: WrittenAddresses } {
  const interfaces = interfacesOf(topology, segments, stacks)
  const written = new Map<string, WrittenPrefix[]>()
  const owners = new AddressOwners(topology, segments)
  const read = (node: string, name: string, texts: readonly string[], path: Path) => {
    const list = texts.map((text, index) => ({ prefix: parsePrefix(text) as Prefix, path: [...path, index] }))
    for (const each of list) {
      const fault = addressFault(each.prefix, node, name, families, owners)
      if (fault !== null) faults.add(each.path, `${textOf(each.prefix)} ${fault}`)
    }
    written.set(interfaceKey(node, name), list)
  }
  for (const [node, { kind, addresses, loopback }] of topology.nodes) {
    const path = ['nodes', node]
    if (loopback !== undefined) read(node, 'lo', loopback || [], [...path, 'loopback'])
    for (const [name, texts] of Object.entries(addresses)) {
      const own = interfaces.get(node) ?? []
      const isThere = name === 'lo' ? loopback === undefined : own.includes(name)
      if (isThere) read(node, name, texts, [...path, 'addresses', name])
      else faults.add([...path, 'addresses', name], noSuchInterface(node, kind, name, own, stacks), 'key')
    }
  }
  for (const [node, { devices, masters }] of stacks) {
    for (const [name, { addresses: texts }] of devices) {
      if (texts === undefined) continue
      const path = ['nodes', node, 'interfaces', name, 'addresses']
      const master = addressedMaster(masters.get(name))
      if (master) faults.add(path, memberHasNone(name, master.name))
      else if (written.has(interfaceKey(node, name)))
        faults.add(path, `the addresses of ${name} are written under \`addresses\` already`)
      else read(node, name, texts, path)
    }
  }
  for (const end of segments.flatMap(({ links }) => links.flatMap(({ ends }) => ends))) {
    const { addresses: texts } = end.settings
    if (texts === undefined) continue
    const path = [...end.path, 'addresses']
    const node = topology.nodes.get(end.node)
    const master = addressedMaster(stacks.get(end.node)?.masters.get(end.interface))
    if (node?.kind === 'switch') faults.add(path, noSuchInterface(end.node, node.kind, end.interface, [], stacks))
    else if (master) faults.add(path, memberHasNone(end.interface, master.name))
    else if (!written.has(interfaceKey(end.node, end.interface))) read(end.node, end.interface, texts, path)
    else faults.add(path, `the addresses of ${end.node}:${end.interface} are written under \`nodes\` already`)
  }
  return { written, anycast: readAnycast(topology, interfaces, families, owners, faults) }
}

/** Reads `anycast` of nodes: addresses that several of them have. */
function readAnycast(
  topology: Topology,
  interfaces: ReadonlyMap<string, readonly string[]>,
  families: Families,
  owners: AddressOwners,
  faults: Faults,
): WrittenAddresses {
  const anycast = new Map<string, WrittenPrefix[]>()
  for (const [node, { anycast: texts = [] }] of topology.nodes) {
    const path = ['nodes', node, 'anycast']
    const lists = Array.isArray(texts) ? [{ name: 'lo', list: texts, at: path }] : listsOf(texts, path)
    for (const { name, list, at } of lists) {
      const own = interfaces.get(node) ?? []
      if (name !== 'lo' && !own.includes(name)) {
        faults.add(at, `${node} has no interface ${name}${suggestion(name, own)}`, 'key')
        continue
      }
      const read = list.map((text, index) => ({ prefix: parsePrefix(text) as Prefix, path: [...at, index] }))
      for (const { prefix, path: where } of read) {
        const against = families.reasonAgainst(node, name, prefix.family)
        const owner = owners.shared(prefix, node, name)
        if (against !== null) faults.add(where, `${textOf(prefix)} is an IPv${prefix.family} address, and ${against}`)
        else if (owner !== undefined)
          faults.add(where, `${textOf(prefix)} is an address of ${owner} already, and not under \`anycast\` there`)
      }
      anycast.set(interfaceKey(node, name), read)
    }
  }
  return anycast
}

const listsOf = (texts: Record<string, readonly string[]>, path: Path) =>
  Object.entries(texts).map(([name, list]) => ({ name, list, at: [...path, name] }))

/** By node, the interfaces that can have addresses. */
function interfacesOf(topology: Topology, segments: readonly Segment[], stacks: Stacks): Map<string, string[]> {
  const names = new Map([...topology.nodes.keys()].map((node) => [node, [] as string[]]))
  for (const { members } of segments) for (const member of members) names.get(member.node)?.push(member.interface)
  for (const [node, { devices, masters }] of stacks) {
    const own = names.get(node) ?? []
    for (const name of devices.keys()) {
      if (!own.includes(name) && !addressedMaster(masters.get(name))) own.push(name)
    }
  }
  return names
}

const memberHasNone = (name: string, master: string): string =>
  `${name} is a member of ${master}, which has the addresses; write them there`

function noSuchInterface(node: string, kind: string, name: string, own: readonly string[], stacks: Stacks): string {
  if (name === 'lo') return 'the addresses of lo are written under `loopback` already'
  const master = stacks.get(node)?.masters.get(name)
  if (kind !== 'switch' && master) return memberHasNone(name, master.name)
  if (kind === 'switch') {
    const bridge = `write the addresses of ${BRIDGE_NAME}, its bridge, under \`interfaces\``
    return `${node} is a switch; ${name === BRIDGE_NAME ? bridge : 'its ports have no addresses'}`
  }
  const known = own.length === 0 ? ', and no link at all' : `; it has ${own.join(', ')}`
  return `${node} has no interface ${name}${suggestion(name, own) || known}`
}

function addressFault(
  prefix: Prefix,
  node: string,
  name: string,
  families: Families,
  owners: AddressOwners,
): string | null {
  const { family, address, network, length } = prefix
  const against = families.reasonAgainst(node, name, family)
  if (against !== null) return `is an IPv${family} address, and ${against}`
  const other = owners.claim(prefix, node, name)
  if (other !== undefined) return `is an address of ${other} already${owners.help(prefix)}`
  const hostBits = bitsOf(family) - length
  if (name === 'lo' || hostBits < 2) return null
  if (address === network)
    return family === 4 ? 'is the address of the network itself' : "is the routers' anycast address of its network"
  return isBroadcast(prefix, prefix) ? 'is the broadcast address of its network' : null
}

/**
 * The written subnets of a segment: those of its links, else those of the first interface with written addresses of a family.
 * All other written addresses on the segment must be in these subnets.
 */
export function subnetsOf(
  topology: Topology,
  segment: Segment,
  addresses: WrittenAddresses,
  faults: Faults,
): WrittenPrefix[] {
  const subnets = subnetsOfLinks(topology, segment)
  const explicit = new Set(subnets.map(({ prefix }) => prefix.family))
  const foundOn = new Map<Family, string>()
  for (const member of segment.members) {
    const key = interfaceKey(member.node, member.interface)
    for (const each of addresses.get(key) ?? []) {
      const { family, address, length, network } = each.prefix
      if (isLinkLocal(family, address)) continue
      const subnet = subnets.find(({ prefix }) => contains(prefix, family, address))
      if (subnet && subnet.prefix.length !== length) {
        faults.add(each.path, `${textOf(each.prefix)} lies in ${subnet.prefix.networkText} and must have its length`)
      } else if (!subnet && length < bitsOf(family)) {
        const source = foundOn.get(family)
        if (!explicit.has(family) && (source === undefined || source === key)) {
          foundOn.set(family, key)
          subnets.push({ prefix: { ...each.prefix, address: network }, path: each.path })
        } else {
          const known = subnets.filter(({ prefix }) => prefix.family === family).map(({ prefix }) => prefix.networkText)
          const all = `its link's subnet${known.length === 1 ? '' : 's'} ${known.join(' and ')}`
          faults.add(each.path, `${textOf(each.prefix)} is outside ${all}`)
        }
      }
    }
  }
  return subnets
}

/** The links of a LAN may repeat a subnet; it is listed once. */
function subnetsOfLinks(topology: Topology, segment: Segment): WrittenPrefix[] {
  const subnets = new Map<string, WrittenPrefix>()
  for (const { index } of segment.links) {
    topology.links[index]?.subnets.forEach((text, at) => {
      const prefix = parsePrefix(text) as Prefix
      if (!subnets.has(prefix.networkText))
        subnets.set(prefix.networkText, { prefix, path: ['links', index, 'subnets', at] })
    })
  }
  return [...subnets.values()]
}

const textOf = ({ family, address, length }: Prefix): string => `${formatAddress(family, address)}/${length}`
