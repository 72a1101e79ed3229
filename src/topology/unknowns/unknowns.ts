// What cannot be known about the nodes of a topology, because a part of it has a fault and is left out.
import { poolNetworks } from '../addresses/pools.js'
import { IMPAIRMENT_KEYS, type ImpairmentKey } from '../schema/impairments.js'
import type { TopologyNode } from '../schema/topology.js'
import type { LeftOut } from '../source/left-out.js'
import type { Topology } from '../source/topology.js'
import { overlaps, type Prefix, parsePrefix } from '../values/prefix.js'

/**
 * What depends on a key of a node, or of a link. `interfaces` stands for all that follows from which interfaces there are, `claims`
 * for addresses and for what may have the same ones on purpose.
 */
type Effect = 'interfaces' | 'addresses' | 'claims' | 'mtus' | 'nexthops' | null

const OF_NODES = {
  kind: 'interfaces',
  title: null,
  labels: null,
  position: null,
  hostname: null,
  domainname: null,
  addresses: 'addresses',
  loopback: 'addresses',
  anycast: 'claims',
  families: 'addresses',
  mac: null,
  mtu: 'mtus',
  sysctls: 'addresses',
  interfaces: 'interfaces',
  routes: null,
  nexthops: 'nexthops',
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

/** What a link does to frames changes nothing else. */
const OF_FRAMES = Object.fromEntries(IMPAIRMENT_KEYS.map((key) => [key, null])) as Record<ImpairmentKey, null>

const OF_LINKS = {
  endpoints: 'interfaces',
  name: null,
  subnets: 'addresses',
  unnumbered: 'addresses',
  private: 'claims',
  families: 'addresses',
  mtu: 'mtus',
  cost: null,
  ...OF_FRAMES,
  pairs: null,
  emulation: null,
  count: null,
  repeat: null,
} satisfies Record<keyof Topology['links'][number], Effect>

const OF_FILE: Record<string, Effect> = {
  name: null,
  scenario: null,
  checks: null,
  within: null,
  compress: null,
  emulation: null,
  neighbours: null,
  pools: 'addresses',
  routing: 'claims',
  families: 'addresses',
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
  /** Whether any interfaces may have the same address on purpose. */
  hasClaims = false
  /** Names of nodes that are left out. */
  private readonly missing = new Set<string>()
  /** The same of descriptions that were to become several nodes. */
  private readonly patterns: RegExp[] = []
  /** Where computed addresses come from. */
  private readonly pools: readonly Prefix[]
  /** Whether there may be nodes of any name. */
  private hasUnknownNames = false

  constructor(
    private readonly topology: Topology,
    leftOut: readonly LeftOut[],
  ) {
    this.pools = poolNetworks(topology.pools)
    for (const each of leftOut) this.read(each)
    for (const texts of topology.links.map((_, index) => this.endsOf(index)))
      if (texts.some((text) => this.isMissing(text))) this.add('interfaces', texts)
    this.spread()
  }

  /** Whether a text may stand for an address that is not known: as the name of a node, or as one that is computed. */
  isUnknown(text: string): boolean {
    if (this.addresses.has(nodeOf(text)) || this.isMissing(text)) return true
    const prefix = this.addresses.size === 0 ? null : parsePrefix(text)
    return prefix !== null && this.pools.some((pool) => overlaps(pool, prefix))
  }

  /** Whether a text may name a node that is left out. */
  isMissing(text: string): boolean {
    const node = nodeOf(text)
    if (this.topology.nodes.has(node)) return false
    return this.hasUnknownNames || this.missing.has(node) || this.patterns.some((pattern) => pattern.test(node))
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
      this.add(effect === undefined ? 'interfaces' : effect, first === 'routing' ? [] : nodes.keys())
      if (effect === undefined) this.hasUnknownNames = true
      return
    }
    const name = String(which)
    const isNode = first === 'nodes'
    if (isNode && !nodes.has(name)) this.addMissing(name)
    const effects: Record<string, Effect> = isNode ? OF_NODES : OF_LINKS
    const effect = effects[String(key)]
    const named = isNode ? [name] : texts.map(nodeOf).filter((each) => nodes.has(each) || this.isMissing(each))
    if (key !== undefined && effect !== undefined) this.add(effect, named)
    else if (key === undefined || !isNode) this.add('interfaces', named)
    else for (const each of ['interfaces', 'mtus', 'nexthops'] as const) this.add(each, [name])
    // A link may be at any node, if it is not known which ones its ends are at.
    if (!isNode && effect !== null && named.length < 2) this.add('interfaces', nodes.keys())
    // A tunnel leads to the nodes that its interface names.
    if (isNode && effect === 'interfaces') this.add('addresses', texts.map(nodeOf))
  }

  private addMissing(name: string): void {
    if (name.includes('{')) this.patterns.push(patternOf(name))
    else this.missing.add(name)
  }

  private add(effect: Effect, names: Iterable<string>): void {
    if (effect === 'claims') this.hasClaims = true
    for (const text of names) {
      const name = nodeOf(text)
      if (!this.topology.nodes.has(name)) continue
      switch (effect) {
        case null:
          break
        case 'mtus':
          this.mtus.add(name)
          break
        case 'nexthops':
          this.nexthops.add(name)
          break
        case 'interfaces':
          this.interfaces.add(name)
          this.mtus.add(name)
          this.addresses.add(name)
          break
        case 'addresses':
        case 'claims':
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

/** Matches the names that a name with `{…}` was to become. */
const patternOf = (name: string): RegExp =>
  new RegExp(`^${name.replace(/\{[^{}]*\}|[^A-Za-z0-9]/g, (part) => (part.length > 1 ? '.*' : `\\${part}`))}$`)
