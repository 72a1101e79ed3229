// Routes, rules and the like that name nodes: replaces the names by addresses, once for each address family in which all of them
// have one.
import type { Family } from '../../model/family.js'
import type { TopologyNode } from '../schema/topology.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import { bitsOf } from '../values/prefix.js'
import { isAddress } from '../values/values.js'
import { isName, type Named, type NodeNames } from './node-names.js'

type WrittenRoute = TopologyNode['routes'][number]
type WrittenRule = TopologyNode['rules'][number]
type WrittenNexthop = NonNullable<TopologyNode['nexthops']>[string]
type WrittenNeighbour = TopologyNode['neighbours'][number]

/** A text of the file in place of which an address is used, and where it is. */
interface Use {
  key: Path
  resolve: (family: Family) => Named<object>
}

export class NamedAddresses {
  constructor(
    private readonly node: string,
    private readonly families: readonly Family[],
    private readonly names: NodeNames,
    private readonly faults: Faults,
  ) {}

  /** The routes with addresses in place of names. */
  route(route: WrittenRoute, path: Path): WrittenRoute[] {
    const hops = route.nexthops ?? []
    // `default` is a destination of routes alone; anywhere else it would be the name of a node.
    const named = route.to === 'default' ? undefined : route.to
    const uses = [
      ...this.prefixUse(named, [...path, 'to']),
      ...this.gatewayUse(route, [...path, 'via']),
      ...hops.flatMap((hop, index) => this.gatewayUse(hop, [...path, 'nexthops', index, 'via'])),
    ]
    const texts = [named, route.via, ...hops.map(({ via }) => via)]
    return (
      this.each(uses, this.familiesOf(texts), (family) => ({
        ...route,
        to: this.prefix(named, family) ?? route.to,
        ...this.gateway(route, family),
        ...(route.nexthops && { nexthops: hops.map((hop) => ({ ...hop, ...this.gateway(hop, family) })) }),
      })) ?? [route]
    )
  }

  rule(rule: WrittenRule, path: Path): WrittenRule[] {
    const uses = [...this.prefixUse(rule.from, [...path, 'from']), ...this.prefixUse(rule.to, [...path, 'to'])]
    const families = rule.family === undefined ? this.familiesOf([rule.from, rule.to]) : [rule.family]
    return (
      this.each(uses, families, (family) => ({
        ...rule,
        from: this.prefix(rule.from, family),
        to: this.prefix(rule.to, family),
      })) ?? [rule]
    )
  }

  /** A next-hop object is of one family: IPv4, if it names a node that has both. null after a fault. */
  nexthop(nexthop: WrittenNexthop, path: Path): WrittenNexthop | null {
    const families = nexthop.family === undefined ? this.families : [nexthop.family]
    const uses = this.gatewayUse(nexthop, [...path, 'via'])
    const all = this.each(uses, families, (family) => ({ ...nexthop, ...this.gateway(nexthop, family) }))
    return all === null ? nexthop : (all[0] ?? null)
  }

  neighbour(neighbour: WrittenNeighbour, path: Path): WrittenNeighbour[] {
    const { address, dev } = neighbour
    const uses = this.gatewayUse({ via: address, dev }, [...path, 'address'])
    return (
      this.each(uses, this.families, (family) => {
        const { via = address, ...rest } = this.gateway({ via: address, dev }, family)
        return { ...neighbour, address: via, ...rest }
      }) ?? [neighbour]
    )
  }

  /** One value for each family in which all names have addresses; null if there are no names. Reports a fault if there is none. */
  private each<T>(uses: readonly Use[], families: readonly Family[], make: (family: Family) => T): T[] | null {
    if (uses.length === 0) return null
    const faultsIn = families.map((family) =>
      uses.flatMap(({ key, resolve }) => {
        const found = resolve(family)
        return 'fault' in found ? [{ key, fault: String(found.fault) }] : []
      }),
    )
    const usable = families.filter((_, index) => faultsIn[index]?.length === 0)
    const [first] = uses
    if (first && families.length === 0) this.faults.add(first.key, `${this.node} has no address family of the lab`)
    if (usable.length === 0) for (const { key, fault } of faultsIn[0] ?? []) this.faults.add(key, fault)
    return usable.map(make)
  }

  /** The families of texts among which are names. */
  private familiesOf(texts: readonly (string | undefined)[]): readonly Family[] {
    const fixed: string | undefined = texts.find((text) => text?.includes('/') || (text && isAddress(text)))
    if (fixed === undefined) return this.families
    return [fixed.includes(':') ? 6 : 4]
  }

  private prefixUse(text: string | undefined, key: Path): Use[] {
    return isName(text) ? [{ key, resolve: (family) => this.names.address(text, family) }] : []
  }

  private prefix(text: string | undefined, family: Family): string | undefined {
    const found = isName(text) ? this.names.address(text, family) : { fault: '' }
    return 'fault' in found ? text : `${found.address}/${bitsOf(family)}`
  }

  private gatewayUse({ via, dev }: { via?: string | undefined; dev?: string | undefined }, key: Path): Use[] {
    return isName(via) ? [{ key, resolve: (family) => this.names.gateway(this.node, via, dev, family) }] : []
  }

  private gateway(
    { via, dev }: { via?: string | undefined; dev?: string | undefined },
    family: Family,
  ): { via?: string; dev?: string } {
    const found = isName(via) ? this.names.gateway(this.node, via, dev, family) : { fault: '' }
    return 'fault' in found ? {} : found
  }
}
