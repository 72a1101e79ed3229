// Checks and resolves the written policy rules of a node.

import type { Family } from '../../model/family.js'
import type { ResolvedRule } from '../../model/resolved.js'
import type { TopologyNode } from '../schema/topology.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import { type Prefix, parsePrefix } from '../values/prefix.js'
import type { NamedAddresses } from './named-routes.js'
import type { NextHopFinder } from './next-hop-finder.js'

/** Above the priorities that people write, below that of the kernel's own rule for the main table, 32766. */
const FIRST_PRIORITY = 10_000
const ALL_BITS = 0xffff_ffff

/** A rule without `from`, `to` and `family` becomes a rule of each family of the lab. */
export function writtenRules(
  rules: TopologyNode['rules'],
  path: Path,
  families: readonly Family[],
  named: NamedAddresses,
  finder: NextHopFinder,
  faults: Faults,
): ResolvedRule[] {
  /** Number of the rule in the list, by identity. */
  const seen = new Map<string, number>()
  const concrete = rules.flatMap((rule, index) =>
    named.rule(rule, [...path, index]).map((each) => ({ rule: each, index })),
  )
  return concrete.flatMap(({ rule, index }): ResolvedRule[] => {
    const own = [...path, index]
    const { from, to, iif, fwmark, table, action, family } = rule
    if ((table === undefined) === (action === undefined)) {
      const message =
        table === undefined ? 'a rule needs `table` or `action`' : 'a rule has `table` or `action`, not both'
      faults.add(table === undefined ? own : [...own, 'action'], message)
    }
    if (iif !== undefined && !finder.interfaces.includes(iif)) faults.add([...own, 'iif'], finder.noSuchInterface(iif))
    const [first, ...others] = Object.entries({ from, to, family }).flatMap(([key, value]) =>
      value === undefined ? [] : [{ key, family: typeof value === 'number' ? value : familyOf(value) }],
    )
    for (const other of others) {
      if (other.family !== first?.family)
        faults.add([...own, other.key], `this is of another family than \`${first?.key}\``)
    }
    const networks = Object.entries({ from, to }).flatMap(([key, text]) =>
      text === undefined ? [] : [[key, (parsePrefix(text) as Prefix).networkText]],
    )
    const resolved = (first ? [first.family] : families).map(
      (each): ResolvedRule => ({
        family: each,
        priority: rule.priority ?? FIRST_PRIORITY + index,
        ...Object.fromEntries(networks),
        ...(iif === undefined ? {} : { iif }),
        ...(fwmark === undefined ? {} : { fwmark: markOf(fwmark) }),
        action: table === undefined ? (action ?? 'prohibit') : { table },
      }),
    )
    for (const key of resolved.map(identityOf)) {
      const other = seen.get(key)
      if (other === undefined) seen.set(key, index)
      else faults.add(own, `this is the same rule as number ${other + 1} of them, with the same priority`)
    }
    return resolved
  })
}

/** Rules with the same identity are the same to the kernel, for which /0 means no network, and a mask of all bits no mask. */
function identityOf({ from, to, fwmark, ...rule }: ResolvedRule): string {
  const networks = [from, to].map((text) => (text?.endsWith('/0') ? undefined : text))
  return JSON.stringify([rule, networks, fwmark?.mark, fwmark?.mask ?? ALL_BITS])
}

function markOf(fwmark: number | string): NonNullable<ResolvedRule['fwmark']> {
  const [mark, mask] = String(fwmark).split('/').map(Number)
  return { mark: mark ?? 0, ...(mask === undefined ? {} : { mask }) }
}

const familyOf = (text: string): Family => (text.includes(':') ? 6 : 4)
