// The addresses at both ends of a tunnel. `remote` may name a node or an interface. Without `local`, a tunnel is sent from the
// address that the other end would send to.

import type { Family } from '../../model/family.js'
import { type InterfaceKind, TRAITS } from '../../model/interfaces/kinds.js'
import type { ResolvedInterface } from '../../model/resolved.js'
import type { InterfaceAddresses } from '../addresses/interface-addresses.js'
import { nodeAddress } from '../addresses/node-address.js'
import type { WrittenDevice } from '../schema/interfaces/interfaces.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import type { Topology } from '../source/topology.js'
import { contains, formatAddress, isLinkLocal, type Prefix, parsePrefix } from '../values/prefix.js'
import { suggestion } from '../values/suggest.js'
import { isAddress } from '../values/values.js'

export interface TunnelEnds {
  remotes: string[]
  local: string | undefined
}

export class TunnelEndFinder {
  constructor(
    private readonly topology: Topology,
    private readonly addresses: InterfaceAddresses,
    /** By node, with their addresses. */
    private readonly interfaces: ReadonlyMap<string, readonly ResolvedInterface[]>,
    private readonly faults: Faults,
  ) {}

  of(node: string, path: Path, device: WrittenDevice): TunnelEnds {
    const {
      kind,
      remote = [],
      local,
      dev,
    } = device as {
      kind: InterfaceKind
      remote?: string | string[]
      local?: string
      dev?: string
    }
    if (!('remote' in device)) return { remotes: [], local: undefined }
    const texts = typeof remote === 'string' ? [remote] : remote
    const pathOf = (index: number) => [...path, 'remote', ...(typeof remote === 'string' ? [] : [index])]
    const outer = TRAITS[kind].encapsulation?.family
    const family = outer === 4 || outer === 6 ? outer : this.familyOf(node, [local, ...texts])
    const remoteOf = kind === 'geneve' ? this.geneveRemote : this.remote
    const remotes = texts.flatMap((text, index) => remoteOf.call(this, node, text, family, pathOf(index)) ?? [])
    for (const [index, address] of remotes.entries()) {
      if (!isMulticast(address)) continue
      if (dev === undefined)
        this.faults.add(pathOf(index), `the multicast group ${address} needs \`dev\`, an interface`)
      if (remotes.length > 1)
        this.faults.add(pathOf(index), `beside the multicast group ${address}, no other remote is possible`)
    }
    if (local !== undefined) return { remotes, local: this.local(node, local, family, [...path, 'local']) }
    const [first] = remotes
    if (first === undefined || isMulticast(first)) return { remotes, local: undefined }
    const isNamed = this.topology.nodes.has(texts[0] as string)
    return { remotes, local: (isNamed ? undefined : this.onSubnet(node, first)) ?? this.main(node, family) }
  }

  /** The IP version of a tunnel whose kind allows both: that of the first written address, else IPv4 if all nodes have it. */
  private familyOf(node: string, texts: readonly (string | undefined)[]): Family {
    for (const text of texts) if (text !== undefined && isAddress(text)) return text.includes(':') ? 6 : 4
    const named = texts.flatMap((text) => (text === undefined ? [] : [text.split(':')[0] as string]))
    return [node, ...named].every((each) => !this.topology.nodes.has(each) || this.main(each, 4) !== undefined) ? 4 : 6
  }

  private remote(node: string, text: string, family: Family, path: Path): string | null {
    const refuse = (message: string): null => {
      this.faults.add(path, message)
      return null
    }
    if (isAddress(text)) {
      const { address, ...prefix } = parsePrefix(text) as Prefix
      if (prefix.family !== family) return refuse(`${text} is no IPv${family} address`)
      return formatAddress(family, address)
    }
    const [other = '', name] = text.split(':')
    if (!this.topology.nodes.has(other)) {
      return refuse(`there is no node ${other}${suggestion(other, this.topology.nodes.keys())}`)
    }
    if (other === node) return refuse(`${other} is the node itself; a tunnel leads to another one`)
    if (name === undefined) return this.main(other, family) ?? refuse(`${other} has no IPv${family} address`)
    const names = this.interfaces.get(other)?.map((each) => each.name) ?? []
    if (!names.includes(name)) return refuse(`${other} has no interface ${name}${suggestion(name, names)}`)
    const first = this.addresses.first(other, name, family)
    return first ? formatAddress(family, first.address) : refuse(`${text} has no IPv${family} address`)
  }

  /**
   * Geneve cannot choose its source address, and accepts only packets from `remote`. So `remote` must be the address of the
   * interface by which the other end sends to this node.
   */
  private geneveRemote(node: string, text: string, family: Family, path: Path): string | null {
    if (isAddress(text) || !this.topology.nodes.has(text) || text === node) return this.remote(node, text, family, path)
    const own = this.prefixesOf(node, family)
    const theirs = this.prefixesOf(text, family)
    const shared = theirs.find((each) => own.some((prefix) => contains(prefix, family, each.address)))
    const found = shared ?? (theirs.length === 1 ? theirs[0] : undefined)
    if (found) return formatAddress(family, found.address)
    const message = `Geneve sends from the interface that the route leads to; write which of ${text}'s that is, such as ${text}:eth0`
    this.faults.add(path, message)
    return null
  }

  /** The addresses of a node's interfaces but `lo`. */
  private prefixesOf(node: string, family: Family): Prefix[] {
    const names = (this.interfaces.get(node) ?? []).flatMap(({ name }) => (name === 'lo' ? [] : [name]))
    return names.flatMap((name) =>
      this.addresses.of(node, name).filter((each) => each.family === family && !isLinkLocal(family, each.address)),
    )
  }

  private local(node: string, text: string, family: Family, path: Path): string | undefined {
    const own = this.interfaces.get(node) ?? []
    if (isAddress(text)) {
      const { address } = parsePrefix(text) as Prefix
      const isOwn = own.some(({ name }) =>
        this.addresses.of(node, name).some((each) => each.family === family && each.address === address),
      )
      if (isOwn) return formatAddress(family, address)
      this.faults.add(
        path,
        isAddress(text, family) ? `${text} is no address of ${node}` : `${text} is no IPv${family} address`,
      )
      return undefined
    }
    const names = own.map((each) => each.name)
    const first = this.addresses.first(node, text, family)
    if (first) return formatAddress(family, first.address)
    const message = names.includes(text)
      ? `${text} has no IPv${family} address`
      : `${node} has no interface ${text}${suggestion(text, names)}`
    this.faults.add(path, message)
    return undefined
  }

  /** The address that the name of a node resolves to. */
  private main(node: string, family: Family): string | undefined {
    const kind = this.topology.nodes.get(node)?.kind ?? 'host'
    return nodeAddress({ kind, interfaces: [...(this.interfaces.get(node) ?? [])] }, family) ?? undefined
  }

  /** The address of a node on the same subnet as another address. */
  private onSubnet(node: string, text: string): string | undefined {
    const { family, address } = parsePrefix(text) as Prefix
    const own = (this.interfaces.get(node) ?? []).flatMap(({ name }) => this.addresses.of(node, name))
    const found = own.find((each) => contains(each, family, address) && !isLinkLocal(family, each.address))
    return found && formatAddress(family, found.address)
  }
}

/** 224.0.0.0/4 and ff00::/8 (RFC 5771, RFC 4291). */
const isMulticast = (address: string): boolean => /^(?:ff[0-9a-f]{2}:|2(?:2[4-9]|3\d)\.)/.test(address)
