// Sysctls of single interfaces. They are written when the interface is there, before it comes up.
import type { ResolvedInterface } from '../../model/resolved.js'
import type { Families } from '../addresses/families.js'
import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import { suggestion } from '../values/suggest.js'
import { ownerOfSysctl } from './sysctls.js'

/** In place of the name of an interface, these have a meaning for all. They are there before any interface is made, as `lo` is. */
const NOT_MADE = ['all', 'default', 'lo']

/** The interface that a sysctl is of, and that nslab makes; null for any other sysctl. */
export function interfaceOfSysctl(key: string): string | null {
  const name = ownerOfSysctl(key)
  return name === null || NOT_MADE.includes(name) ? null : name
}

/** Gives each interface its sysctls. Refuses those of interfaces that a node does not have. */
export function withSysctls(
  topology: Topology,
  interfaces: ReadonlyMap<string, ResolvedInterface[]>,
  families: Families,
  faults: Faults,
): Map<string, ResolvedInterface[]> {
  return new Map(
    [...interfaces].map(([node, all]) => {
      const names = all.map(({ name }) => name)
      const written = Object.entries(topology.nodes.get(node)?.sysctls ?? {}).flatMap(([key, value]) => {
        const name = interfaceOfSysctl(key)
        if (name === null) return []
        if (names.includes(name)) return [{ name, key, value }]
        const help = suggestion(name, names) || `; it has ${names.join(', ')}`
        faults.add(['nodes', node, 'sysctls', key], `${node} has no interface ${name}${help}`, 'key')
        return []
      })
      return [
        node,
        all.map((each): ResolvedInterface => {
          const own = written.filter(({ name }) => name === each.name)
          const sysctls = {
            ...withoutIpv6(node, each, families),
            ...Object.fromEntries(own.map(({ key, value }) => [key, value])),
          }
          return Object.keys(sysctls).length === 0 ? each : { ...each, sysctls }
        }),
      ]
    }),
  )
}

/** A link without IPv6 has no link-local addresses either. */
function withoutIpv6(node: string, { name, kind }: ResolvedInterface, families: Families): Record<string, string> {
  if (kind === 'loopback' || !families.isExcludedByLink(node, name, 6)) return {}
  return { [`net.ipv6.conf.${name.replaceAll('.', '/')}.disable_ipv6`]: '1' }
}
