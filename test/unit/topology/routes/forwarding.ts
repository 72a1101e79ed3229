// Carries packets through resolved topologies hop by hop, by the routes alone: an independent reading of what they mean.

import ipaddr from 'ipaddr.js'
import type { Family } from '../../../../src/model/family.js'
import type { ResolvedNode, ResolvedRoute, ResolvedTopology } from '../../../../src/model/resolved.js'

import { Ethernet, isLayered } from './ethernet.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6

interface Located {
  node: string
  interface: string
}

const bare = (cidr: string): string => cidr.slice(0, cidr.indexOf('/'))
const familyOf = (text: string): Family => (text.includes(':') ? 6 : 4)

function matches(address: Address, cidr: string): boolean {
  const [network, length] = ipaddr.parseCIDR(cidr)
  return address.kind() === network.kind() && address.match(network as never, length)
}

/** A route of a node's table, its destination as numbers. */
interface Entry {
  network: Address
  length: number
  nextHops: ResolvedRoute['nextHops']
}

const lengthOf = (cidr: string): number => Number(cidr.slice(cidr.indexOf('/') + 1))

export class Forwarding {
  private readonly owners = new Map<string, Located>()
  private readonly nodes: Map<string, ResolvedNode>
  /** Which interfaces hear each other: the two ends of a link, and all that hangs on switches wired together. */
  private readonly wires = new Map<string, number>()
  /** By node and family, the longest prefix first. Of two as long, the connected one comes first. */
  private readonly tables = new Map<string, readonly Entry[]>()
  /** Absent for a topology of links and switches alone. */
  private readonly ethernet: Ethernet | undefined
  private readonly found = new Map<string, ResolvedRoute['nextHops']>()

  constructor(topology: ResolvedTopology) {
    if (isLayered(topology)) this.ethernet = new Ethernet(topology)
    this.nodes = new Map(topology.nodes.map((node) => [node.name, node]))
    for (const { name, interfaces } of topology.nodes) {
      for (const each of interfaces) {
        for (const address of each.addresses) this.owners.set(bare(address), { node: name, interface: each.name })
      }
    }
    topology.links.forEach((_, index) => {
      this.flood(topology, index)
    })
  }

  private flood(topology: ResolvedTopology, start: number): void {
    const queue = [start]
    const seen = new Set(queue)
    for (const index of queue) {
      for (const end of topology.links[index]?.endpoints ?? []) {
        const key = `${end.node}:${end.interface}`
        if (!this.wires.has(key)) this.wires.set(key, start)
        if (this.nodes.get(end.node)?.kind !== 'switch') continue
        topology.links.forEach(({ endpoints }, other) => {
          if (seen.has(other) || !endpoints.some(({ node }) => node === end.node)) return
          seen.add(other)
          queue.push(other)
        })
      }
    }
  }

  /** Every way a packet may take, as the number of routers it passes; throws where one of them ends short of its aim. */
  hops(from: string, to: string): Set<number> {
    const counts = new Set<number>()
    this.walk(from, to, 0, counts)
    return counts
  }

  /** The same, with what it costs to send by each interface in place of the number of routers. */
  costs(from: string, to: string, costOf: (node: string, interfaceName: string) => number): Set<number> {
    const sums = new Set<number>()
    const walk = (at: string, sum: number): void => {
      if (this.owners.get(to)?.node === at) {
        sums.add(sum)
        return
      }
      for (const { gateway, interface: name } of this.nextHopsOf(at, to)) {
        walk(this.owners.get(gateway ?? to)?.node as string, sum + costOf(at, name))
      }
    }
    walk(from, 0)
    return sums
  }

  /** Where a node sends what is for an address; throws where it has no route. */
  nextHopsOf(at: string, to: string): ResolvedRoute['nextHops'] {
    return this.nextHops(this.nodes.get(at) as ResolvedNode, to)
  }

  private walk(at: string, text: string, passed: number, counts: Set<number>): void {
    const node = this.nodes.get(at)
    if (!node) throw new Error(`no node ${at}`)
    if (this.owners.get(text)?.node === at) {
      counts.add(passed)
      return
    }
    if (passed > this.nodes.size) throw new Error(`${text} goes round in circles at ${at}`)
    for (const { gateway, interface: name } of this.nextHops(node, text)) {
      const next = this.throughTunnel(node, name, text) ?? this.overWire(at, name, gateway ?? text)
      const isThere = this.owners.get(text)?.node === next
      if (!isThere && this.nodes.get(next)?.kind !== 'router') throw new Error(`${next} does not forward`)
      this.walk(next, text, passed + (isThere ? 0 : 1), counts)
    }
  }

  private overWire(at: string, name: string, text: string): string {
    const next = this.owners.get(text)
    if (!next) throw new Error(`${at}: nobody has ${text}`)
    if (this.ethernet) {
      if (this.ethernet.heardFrom(at, name).has(`${next.node}:${next.interface}`)) return next.node
      throw new Error(`${at}:${name} does not hear ${next.node}:${next.interface}`)
    }
    const wire = this.wires.get(`${at}:${name}`)
    if (wire === undefined || wire !== this.wires.get(`${next.node}:${next.interface}`)) {
      throw new Error(`${at}:${name} does not hear ${next.node}:${next.interface}`)
    }
    return next.node
  }

  /** The node of the WireGuard peer that gets packets for an address; null for an interface of another kind. */
  private throughTunnel({ name: at, interfaces }: ResolvedNode, name: string, text: string): string | null {
    const settings = interfaces.find((each) => each.name === name)?.settings
    if (settings?.kind !== 'wireguard') return null
    const address = ipaddr.parse(text)
    const [nearest] = settings.peers
      .flatMap(({ key, allowed }) => allowed.map((prefix) => ({ key, prefix })))
      .filter(({ prefix }) => matches(address, prefix))
      .toSorted((a, b) => lengthOf(b.prefix) - lengthOf(a.prefix))
    const isOf = (key: string) => (each: ResolvedNode['interfaces'][number]) =>
      each.settings?.kind === 'wireguard' && each.settings.publicKey === key
    const next = nearest && [...this.nodes.values()].find((node) => node.interfaces.some(isOf(nearest.key)))
    if (!next) throw new Error(`${at}:${name} has no peer for ${text}`)
    return next.name
  }

  private nextHops(node: ResolvedNode, to: string): ResolvedRoute['nextHops'] {
    const key = `${node.name} ${to}`
    const known = this.found.get(key)
    if (known) return known
    const address = ipaddr.parse(to)
    const entry = this.tableOf(node, familyOf(to)).find(({ network, length }) =>
      address.match(network as never, length),
    )
    if (!entry) throw new Error(`${node.name} has no route to ${to}`)
    this.found.set(key, entry.nextHops)
    return entry.nextHops
  }

  /** Connected subnets are routes like others. */
  private tableOf(node: ResolvedNode, family: Family): readonly Entry[] {
    const key = `${node.name} ${family}`
    const known = this.tables.get(key)
    if (known) return known
    const connected = node.interfaces.flatMap(({ name, addresses }) =>
      addresses.map((destination) => ({ destination, nextHops: [{ gateway: null, interface: name }] })),
    )
    const table = [...connected, ...node.routes]
      .filter(({ destination }) => familyOf(destination) === family)
      .map(({ destination, nextHops }): Entry => {
        const [network, length] = ipaddr.parseCIDR(destination)
        return { network, length, nextHops }
      })
      .toSorted((a, b) => b.length - a.length)
    this.tables.set(key, table)
    return table
  }
}
