// What cannot be known about the nodes of a topology, because a part of it has a fault and is left out.
import type { TopologyNode } from '../schema/topology.js'
import type { LeftOut } from '../source/left-out.js'
import type { Topology } from '../source/topology.js'

/** What depends on a key of a node, or of a link. `interfaces` stands for all that follows from which interfaces there are. */
type Effect = 'interfaces' | 'addresses' | 'addresses of all' | 'mtus' | 'next hops' | null

const OF_NODES = {
  kind: 'interfaces',
  title: null,
  labels: null,
  hostname: null,
  domainname: null,
  addresses: 'addresses',
  loopback: 'addresses',
  // An address is of several nodes on purpose only if it is written there.
  anycast: 'addresses of all',
  families: 'addresses',
  mac: null,
  mtu: 'mtus',
  sysctls: 'addresses',
  interfaces: 'interfaces',
  routes: null,
  nexthops: 'next hops',
  rules: null,
  neighbours: null,
  env: null,
  hosts: null,
  dns: null,
  files: null,
  mounts: null,
  home: null,
  exec: null,
  namespaces: null,
  users: null,
  time: null,
  repeat: null,
} satisfies Record<keyof TopologyNode, Effect>

const OF_LINKS = {
  endpoints: 'interfaces',
  name: null,
  subnets: 'addresses',
  unnumbered: 'addresses',
  // Without it, subnets overlap that may.
  private: 'addresses of all',
  families: 'addresses',
  mtu: 'mtus',
  cost: null,
  count: null,
  repeat: null,
} satisfies Record<keyof Topology['links'][number], Effect>

const OF_FILE: Record<string, Effect> = {
  name: null,
  compress: null,
  neighbours: null,
  pools: null,
  routing: 'addresses of all',
  families: 'addresses of all',
}

export class Unknowns {
  /** Nodes that may have other interfaces, or other members of these. */
  readonly interfaces = new Set<string>()
  /** Nodes that may have other addresses, or other neighbours on their links. */
  readonly addresses = new Set<string>()
  /** Nodes whose interfaces may have other MTUs. */
  readonly mtus = new Set<string>()
  /** Nodes that may have other next-hop objects. */
  readonly nexthops = new Set<string>()
  /** Names of nodes that are left out. */
  private readonly missing = new Set<string>()
  /** Whether there may be nodes of any name. */
  private hasUnknownNames = false

  constructor(
    private readonly topology: Topology,
    leftOut: readonly LeftOut[],
  ) {
    for (const each of leftOut) this.read(each)
    const isMissing = (text: string) => this.missing.has(nodeOf(text))
    for (const texts of topology.links.map((_, index) => this.endsOf(index)))
      if (texts.some(isMissing)) this.add('interfaces', texts)
    this.spread()
  }

  /** Whether a text may name a node about whose addresses nothing is known. */
  isUnknown(text: string): boolean {
    const node = nodeOf(text)
    if (this.missing.has(node) || this.addresses.has(node)) return true
    return this.hasUnknownNames && !this.topology.nodes.has(node)
  }

  /** The texts of the endpoints of a link. */
  endsOf(index: number): string[] {
    return (this.topology.links[index]?.endpoints ?? []).map((end) => (typeof end === 'string' ? end : end.node))
  }

  private read({ path: [first, which, key], texts }: LeftOut): void {
    const { nodes } = this.topology
    if (first === 'nodes' && which === undefined) this.hasUnknownNames = true
    if (which === undefined) {
      const effect = OF_FILE[String(first)]
      this.add(effect === undefined ? 'interfaces' : effect, nodes.keys())
      if (effect === undefined) this.hasUnknownNames = true
      return
    }
    const name = String(which)
    const isNode = first === 'nodes'
    if (isNode && !nodes.has(name)) this.missing.add(name)
    const effects: Record<string, Effect> = isNode ? OF_NODES : OF_LINKS
    const effect = effects[String(key)]
    const named = isNode ? [name] : texts.map(nodeOf).filter((each) => nodes.has(each) || this.missing.has(each))
    if (key !== undefined && effect !== undefined) this.add(effect, named)
    else if (key === undefined || !isNode) this.add('interfaces', named)
    else for (const each of ['interfaces', 'mtus', 'next hops'] as const) this.add(each, [name])
    // A link may be at any node, if it is not known which ones its ends are at.
    if (!isNode && effect !== null && named.length < 2) this.add('interfaces', nodes.keys())
    // A tunnel leads to the nodes that its interface names.
    if (isNode && effect === 'interfaces') this.add('addresses', texts.map(nodeOf))
  }

  private add(effect: Effect, names: Iterable<string>): void {
    for (const text of names) {
      const name = nodeOf(text)
      if (!this.topology.nodes.has(name)) continue
      switch (effect) {
        case null:
          break
        case 'mtus':
          this.mtus.add(name)
          break
        case 'next hops':
          this.nexthops.add(name)
          break
        case 'addresses of all':
          for (const each of this.topology.nodes.keys()) this.addresses.add(each)
          break
        case 'interfaces':
          this.interfaces.add(name)
          this.mtus.add(name)
          this.addresses.add(name)
          break
        case 'addresses':
          this.addresses.add(name)
      }
    }
  }

  /** What is unknown at one node is unknown at all nodes that may share a subnet with it. */
  private spread(): void {
    const { nodes } = this.topology
    const neighbours = this.neighbours()
    const left = [...this.addresses]
    const reached = new Set(left)
    for (let name = left.pop(); name !== undefined; name = left.pop()) {
      for (const other of neighbours.get(name) ?? []) {
        if (reached.has(other)) continue
        reached.add(other)
        const node = nodes.get(other)
        if (node) this.addresses.add(other)
        // Others are no bridges, and end a subnet.
        if (!node || node.kind === 'switch' || node.interfaces !== undefined) left.push(other)
      }
    }
  }

  /** The nodes at the other ends of links and tunnels, and those that share a network. No node has a name with a blank. */
  private neighbours(): Map<string, string[]> {
    const found = new Map<string, string[]>()
    const join = (a: string, b: string) => {
      for (const [one, other] of [
        [a, b],
        [b, a],
      ] as const) {
        const known = found.get(one)
        if (known) known.push(other)
        else found.set(one, [other])
      }
    }
    this.topology.links.forEach((_, index) => {
      const [first, ...others] = this.endsOf(index).map(nodeOf)
      for (const other of others) if (first !== undefined) join(first, other)
    })
    for (const [name, { interfaces = {}, namespaces }] of this.topology.nodes) {
      if (namespaces?.net === 'shared') join(name, 'shared network')
      if (Object.values(interfaces).some((device) => 'remote' in device)) join(name, 'any tunnel')
    }
    return found
  }
}

/** The node of `NODE` or `NODE:INTERFACE`. */
const nodeOf = (text: string): string => text.split(':', 1)[0] as string
