// Finds the node and the interface at both ends of each link: reads endpoints, and names interfaces that have no name.

import type { Endpoint } from '../../model/resolved.js'
import type { EndSettings, TopologyLink } from '../schema/topology.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import type { Topology } from '../source/topology.js'
import { suggestion } from '../values/suggest.js'
import { interfaceNameFault } from '../values/values.js'

/** The name of the bridge of every switch. */
export const BRIDGE_NAME = 'br0'

export interface WiredEnd {
  node: string
  interface: string
  /** Where the endpoint is written. */
  path: Path
  settings: Pick<EndSettings, 'addresses' | 'mac' | 'mtu'>
}

export interface WiredLink {
  /** Number of the link in the file, from 0. */
  index: number
  cost: number
  ends: [WiredEnd, WiredEnd]
}

/** An end whose interface may have no name yet. */
interface ReadEnd extends Omit<WiredEnd, 'interface'> {
  interface: string | null
}

/**
 * Wires the links. Interfaces without a name are called eth0, eth1, … in each node, in order of appearance, without the names
 * that are written anywhere for the node.
 */
export function wireLinks(topology: Topology, faults: Faults): WiredLink[] {
  const written = topology.links.map((link, index) => readEnds(link.endpoints, index, topology, faults))
  const names = new InterfaceNames(topology)
  written.forEach((ends) => {
    for (const { node, interface: name, path } of ends ?? []) {
      if (name === null || names.take(node, name)) continue
      const isDevice = Object.hasOwn(topology.nodes.get(node)?.interfaces ?? {}, name)
      const owner = isDevice ? 'written under `interfaces` of its node' : 'an end of another link'
      faults.add(path, `${node}:${name} is ${owner} already`)
    }
  })
  return written.flatMap((ends, index) => {
    if (ends === null) return []
    const [a, b] = ends.map((end) => ({ ...end, interface: end.interface ?? names.next(end.node) }))
    return [{ index, cost: topology.links[index]?.cost ?? 1, ends: [a as WiredEnd, b as WiredEnd] }]
  })
}

function readEnds(
  endpoints: TopologyLink['endpoints'],
  index: number,
  topology: Topology,
  faults: Faults,
): [ReadEnd, ReadEnd] | null {
  const ends = endpoints.map((text, at) => readEnd(text, ['links', index, 'endpoints', at], topology, faults))
  const [a, b] = ends
  return a && b ? [a, b] : null
}

function readEnd(
  written: TopologyLink['endpoints'][number],
  path: Path,
  topology: Topology,
  faults: Faults,
): ReadEnd | null {
  const { node, interface: name = null, ...settings } = typeof written === 'string' ? readEndpoint(written) : written
  const pathOf = (key: string) => (typeof written === 'string' ? path : [...path, key])
  if (!topology.nodes.has(node)) {
    faults.add(pathOf('node'), `there is no node ${node}${suggestion(node, topology.nodes.keys())}`)
    return null
  }
  const fault = name === null ? null : (reservedFault(name, topology, node) ?? interfaceNameFault(name))
  if (fault === null) return { node, interface: name, path, settings }
  faults.add(pathOf('interface'), fault)
  return null
}

/** `NODE` or `NODE:INTERFACE`. */
function readEndpoint(text: string): EndSettings {
  const colon = text.indexOf(':')
  return colon < 0 ? { node: text } : { node: text.slice(0, colon), interface: text.slice(colon + 1) }
}

function reservedFault(name: string, topology: Topology, node: string): string | null {
  if (name === 'lo') return "lo is every node's loopback, no end of a link"
  const isSwitch = topology.nodes.get(node)?.kind === 'switch'
  return isSwitch && name === BRIDGE_NAME
    ? `${BRIDGE_NAME} is the bridge that a switch is; call its port otherwise`
    : null
}

/** The interface names that are taken in each node. */
class InterfaceNames {
  private readonly taken = new Map<string, Set<string>>()
  private readonly counters = new Map<string, number>()

  constructor({ nodes }: Topology) {
    for (const [node, { interfaces }] of nodes) {
      if (interfaces !== undefined) this.taken.set(node, new Set(Object.keys(interfaces)))
    }
  }

  /** Takes a name; false if it is taken already. */
  take(node: string, name: string): boolean {
    const names = this.taken.get(node) ?? new Set()
    this.taken.set(node, names)
    if (names.has(name)) return false
    names.add(name)
    return true
  }

  /** Takes the next free name. */
  next(node: string): string {
    for (let number = this.counters.get(node) ?? 0; ; number++) {
      this.counters.set(node, number + 1)
      if (this.take(node, `eth${number}`)) return `eth${number}`
    }
  }
}

export const endpointOf = ({ node, interface: name }: WiredEnd): Endpoint => ({ node, interface: name })
