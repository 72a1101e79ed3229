// Names of nodes and interfaces where an address is expected: `NODE`, `NODE:INTERFACE`. A gateway is an address on a common link,
// anything else the address that the name resolves to everywhere.

import type { Family } from '../../model/family.js'
import type { ResolvedInterface } from '../../model/resolved.js'
import type { InterfaceAddresses } from '../addresses/interface-addresses.js'
import { nodeAddress } from '../addresses/node-address.js'
import type { Topology } from '../source/topology.js'
import { formatAddress } from '../values/prefix.js'
import { suggestion } from '../values/suggest.js'
import { isAddress } from '../values/values.js'
import type { Segment } from '../wiring/segments.js'

/** An interface of another node on a link of a node. */
export interface LinkNeighbour {
  /** The node's own interface. */
  dev: string
  node: string
  interface: string
}

/** What a name stands for, or why it stands for nothing. */
export type Named<T> = T | { fault: string }

export class NodeNames {
  /** By node, the segments that it is on, and by which interface. */
  private readonly places = new Map<string, { dev: string; segment: Segment }[]>()

  constructor(
    private readonly topology: Topology,
    segments: readonly Segment[],
    private readonly interfaces: ReadonlyMap<string, readonly ResolvedInterface[]>,
    private readonly addresses: InterfaceAddresses,
  ) {
    for (const segment of segments) {
      for (const { node, interface: dev } of segment.members) {
        const known = this.places.get(node)
        if (known) known.push({ dev, segment })
        else this.places.set(node, [{ dev, segment }])
      }
    }
  }

  /** The interfaces of other nodes on the links of a node. */
  neighboursOf(from: string): LinkNeighbour[] {
    return (this.places.get(from) ?? []).flatMap(({ dev, segment }) =>
      segment.members.flatMap(({ node, interface: name }) => (node === from ? [] : [{ dev, node, interface: name }])),
    )
  }

  /** The address that a name resolves to. */
  address(text: string, family: Family): Named<{ address: string }> {
    const known = this.known(text)
    if ('fault' in known) return known
    const { node, name } = known
    const own = name === undefined ? undefined : this.addresses.first(node, name, family)
    const kind = this.topology.nodes.get(node)?.kind ?? 'host'
    const address =
      name === undefined
        ? nodeAddress({ kind, interfaces: [...(this.interfaces.get(node) ?? [])] }, family)
        : own && formatAddress(family, own.address)
    return address ? { address } : { fault: `${text} has no IPv${family} address` }
  }

  /** The address of a named node on a link of another node, and the interface that leads there. */
  gateway(from: string, text: string, dev: string | undefined, family: Family): Named<{ via: string; dev: string }> {
    const known = this.known(text)
    if ('fault' in known) return known
    const { node, name } = known
    if (node === from) return { fault: `${text} is ${from} itself` }
    const onLinks = this.neighboursOf(from).filter(
      (each) => each.node === node && (name ?? each.interface) === each.interface,
    )
    if (onLinks.length === 0)
      return { fault: `${from} and ${text} have no link in common; a next hop is on a link of the node` }
    const there = onLinks.filter((each) => (dev ?? each.dev) === each.dev)
    if (there.length === 0) return { fault: `${text} is not on the link of ${from}:${dev}` }
    const [first, second] = there.flatMap((each) => {
      const own = this.addresses.first(node, each.interface, family)
      return own ? [{ via: formatAddress(family, own.address), dev: each.dev, of: `${node}:${each.interface}` }] : []
    })
    if (!first) return { fault: `${text} has no IPv${family} address on a link of ${from}` }
    if (second)
      return {
        fault: `${text} is on several links of ${from}: write ${first.of} or ${second.of}, or \`dev\` as ${first.dev} or ${second.dev}`,
      }
    return { via: first.via, dev: first.dev }
  }

  private known(text: string): { node: string; name: string | undefined } | { fault: string } {
    const [node = '', name] = text.split(':')
    const { nodes } = this.topology
    if (!nodes.has(node)) return { fault: `there is no node ${node}${suggestion(node, nodes.keys())}` }
    const own = (this.interfaces.get(node) ?? []).map((each) => each.name)
    if (name === undefined || own.includes(name)) return { node, name }
    return { fault: `${node} has no interface ${name}${suggestion(name, own) || `; it has ${own.join(', ')}`}` }
  }
}

/** Whether a text is a name, and no address or prefix. */
export const isName = (text: string | undefined): text is string =>
  text !== undefined && !text.includes('/') && !isAddress(text)
