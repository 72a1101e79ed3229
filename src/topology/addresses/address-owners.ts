// Which interface has which written address. One address on two interfaces is refused, but where it is written on purpose.
import type { Topology } from '../source/topology.js'
import { interfaceKey } from '../values/interface-key.js'
import { bitsOf, isLinkLocal, type Prefix } from '../values/prefix.js'
import type { Segment } from '../wiring/segments.js'

/** Whether a segment may have the same subnets as others: `private`, or no routes are computed. */
export const isApart = (topology: Topology, { links }: Segment): boolean =>
  topology.routing === 'none' || links.some(({ index }) => topology.links[index]?.private === true)

export class AddressOwners {
  private readonly owners = new Map<string, { node: string; key: string }>()
  /** The segments of interfaces whose addresses others may have too. */
  private readonly apart = new Map<string, string>()

  constructor(
    private readonly topology: Topology,
    segments: readonly Segment[],
  ) {
    segments.forEach((segment, index) => {
      if (!isApart(topology, segment)) return
      for (const { node, interface: name } of segment.members)
        this.apart.set(interfaceKey(node, name), `segment ${index}`)
    })
  }

  /** Takes an address for an interface. Returns the interface that has it already, if no second one can have it. */
  claim(prefix: Prefix, node: string, name: string): string | undefined {
    const key = interfaceKey(node, name)
    const text = this.textOf(prefix, node, name)
    const other = this.owners.get(text)
    if (other === undefined) {
      this.owners.set(text, { node, key })
      return undefined
    }
    // Unnumbered interfaces of a node have the address of its loopback.
    const isBorrowed = other.node === node && other.key !== key && prefix.length === bitsOf(prefix.family)
    return isBorrowed ? undefined : other.key
  }

  /** The interface whose own address an address of several nodes is; undefined for none. */
  shared(prefix: Prefix, node: string, name: string): string | undefined {
    return this.owners.get(this.textOf(prefix, node, name))?.key
  }

  /** What to write if two interfaces have one address on purpose. */
  help({ family, length }: Prefix): string {
    return length === bitsOf(family) ? '; what several nodes have on purpose is written under `anycast`' : ''
  }

  private textOf({ family, address }: Prefix, node: string, name: string): string {
    const key = interfaceKey(node, name)
    // The same link-local address can be used on every link.
    if (isLinkLocal(family, address)) return `${key} ${address}`
    const place = this.apart.get(key) ?? (this.topology.routing === 'none' ? node : '')
    return `${place} ${family} ${address}`
  }
}
