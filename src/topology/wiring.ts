// Which interface of which node each link's ends are: reads endpoints, names what has no name, finds what is wrong.
import type { Faults } from './fault.js'
import type { Topology } from './parse.js'
import { interfaceNameFault } from './schema.js'
import { suggestion } from './suggest.js'

/** What a switch's bridge is called. */
export const BRIDGE_NAME = 'br0'

export interface WiredEnd {
  node: string
  interface: string
}

export interface WiredLink {
  /** Which of the file's links, from 0. */
  index: number
  ends: [WiredEnd, WiredEnd]
}

interface WrittenEnd {
  node: string
  interface: string | null
}

/**
 * Wires the links. Interfaces without a name are called eth0, eth1, … per node, in order of appearance; names that are
 * written anywhere for the node are passed over.
 */
export function wireLinks(topology: Topology, faults: Faults): WiredLink[] {
  const written = topology.links.map((link, index) => readEnds(link.endpoints, index, topology, faults))
  const names = new NodeInterfaces()
  written.forEach((ends, index) => {
    ends?.forEach((end, at) => {
      if (end.interface === null || names.take(end.node, end.interface)) return
      faults.add(['links', index, 'endpoints', at], `${end.node}:${end.interface} is an end of another link already`)
    })
  })
  return written.flatMap((ends, index) => {
    if (ends === null) return []
    const [a, b] = ends.map((end) => ({ node: end.node, interface: end.interface ?? names.next(end.node) }))
    return [{ index, ends: [a as WiredEnd, b as WiredEnd] }]
  })
}

function readEnds(
  endpoints: readonly [string, string],
  index: number,
  topology: Topology,
  faults: Faults,
): [WrittenEnd, WrittenEnd] | null {
  const ends = endpoints.map((text, at) => readEnd(text, ['links', index, 'endpoints', at], topology, faults))
  const [a, b] = ends
  return a && b ? [a, b] : null
}

function readEnd(text: string, path: PropertyKey[], topology: Topology, faults: Faults): WrittenEnd | null {
  const colon = text.indexOf(':')
  const node = colon < 0 ? text : text.slice(0, colon)
  const name = colon < 0 ? null : text.slice(colon + 1)
  if (!topology.nodes.has(node)) {
    faults.add(path, `there is no node ${node}${suggestion(node, topology.nodes.keys())}`)
    return null
  }
  const fault = name === null ? null : (reservedFault(name, topology, node) ?? interfaceNameFault(name))
  if (fault === null) return { node, interface: name }
  faults.add(path, fault)
  return null
}

function reservedFault(name: string, topology: Topology, node: string): string | null {
  if (name === 'lo') return "lo is every node's loopback, no end of a link"
  const isSwitch = topology.nodes.get(node)?.kind === 'switch'
  return isSwitch && name === BRIDGE_NAME
    ? `${BRIDGE_NAME} is the bridge that a switch is; call its port otherwise`
    : null
}

/** The interface names of each node. */
class NodeInterfaces {
  private readonly taken = new Map<string, Set<string>>()
  private readonly counters = new Map<string, number>()

  /** Takes a name; false when it is taken. */
  take(node: string, name: string): boolean {
    const names = this.taken.get(node) ?? new Set()
    this.taken.set(node, names)
    if (names.has(name)) return false
    names.add(name)
    return true
  }

  next(node: string): string {
    for (let number = this.counters.get(node) ?? 0; ; number++) {
      this.counters.set(node, number + 1)
      if (this.take(node, `eth${number}`)) return `eth${number}`
    }
  }
}
