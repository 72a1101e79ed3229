// The endpoints of WireGuard peers: the written one, else an address of the peer's node and the port of its interface.

import type { Family } from '../../model/family.js'
import type { Endpoint } from '../../model/interfaces/wireguard.js'
import type { ResolvedInterface } from '../../model/resolved.js'
import type { InterfaceAddresses } from '../addresses/interface-addresses.js'
import { nodeAddress } from '../addresses/node-address.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import type { Topology } from '../source/topology.js'
import { parseEndpoint, type WrittenEndpoint } from '../values/endpoint.js'
import { contains, formatAddress, isLinkLocal, type Prefix, parsePrefix } from '../values/prefix.js'
import { suggestion } from '../values/suggest.js'

const FAMILIES: readonly Family[] = [4, 6]

export interface PeerInterface {
  node: string
  name: string
  /** UDP port; undefined where the kernel chooses it. */
  port: number | undefined
}

export class EndpointFinder {
  constructor(
    private readonly topology: Topology,
    private readonly addresses: InterfaceAddresses,
    /** By node, with their addresses. */
    private readonly interfaces: ReadonlyMap<string, readonly ResolvedInterface[]>,
    private readonly faults: Faults,
  ) {}

  /**
   * The endpoint of a peer; null if none is known.
   *
   * @param other the interface of the peer; undefined for a peer outside the lab
   * @param path where the peer is written
   */
  of(node: string, other: PeerInterface | undefined, endpoint: string | undefined, path: Path): Endpoint | null {
    const port = other?.port
    if (endpoint === undefined) {
      const address = other && port !== undefined ? this.nearest(node, other.node) : null
      return address && port !== undefined ? { address, port } : null
    }
    const refuse = (message: string): null => {
      this.faults.add([...path, 'endpoint'], message)
      return null
    }
    const written = parseEndpoint(endpoint) as WrittenEndpoint
    if ('port' in written) return { address: canonical(written.address), port: written.port }
    if (!other) return refuse('for a peer outside the lab, write ADDRESS:PORT, such as 192.0.2.1:51820')
    if (port === undefined)
      return refuse(`${other.node}:${other.name} has no \`port\`; give it one, or write ADDRESS:PORT`)
    if ('address' in written) return { address: canonical(written.address), port }
    const names = (this.interfaces.get(other.node) ?? []).map(({ name }) => name)
    if (!names.includes(written.interface)) {
      return refuse(`${other.node} has no interface ${written.interface}${suggestion(written.interface, names)}`)
    }
    const found = FAMILIES.map((family) => this.addresses.first(other.node, written.interface, family)).find(
      (each) => each,
    )
    return found
      ? { address: formatAddress(found.family, found.address), port }
      : refuse(`${other.node}:${written.interface} has no address`)
  }

  /** The other node's address on a common subnet, else the one that its name resolves to; IPv4 if both nodes have it. */
  private nearest(node: string, other: string): string | null {
    for (const family of FAMILIES) {
      const own = this.outer(node).flatMap(({ name }) => this.addresses.of(node, name))
      const theirs = this.outer(other).flatMap(({ name }) => this.addresses.of(other, name))
      const shared = theirs.find(
        (each) =>
          each.family === family &&
          !isLinkLocal(family, each.address) &&
          own.some((prefix) => contains(prefix, family, each.address)),
      )
      if (shared) return formatAddress(family, shared.address)
      const isPossible = own.some((each) => each.family === family && !isLinkLocal(family, each.address))
      const main = isPossible ? this.main(other, family) : null
      if (main !== null) return main
    }
    return null
  }

  private main(node: string, family: Family): string | null {
    const kind = this.topology.nodes.get(node)?.kind ?? 'host'
    return nodeAddress({ kind, interfaces: this.outer(node) }, family)
  }

  /** Interfaces that WireGuard packets can be sent by: a tunnel cannot go through a tunnel of its kind. */
  private outer(node: string): ResolvedInterface[] {
    return (this.interfaces.get(node) ?? []).filter(({ kind }) => kind !== 'wireguard')
  }
}

function canonical(text: string): string {
  const { family, address } = parsePrefix(text) as Prefix
  return formatAddress(family, address)
}
