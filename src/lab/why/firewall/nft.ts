// Reads the rules of nftables: what to do from `nft -j list ruleset`, and the words of each rule from `nft -a list ruleset`.
import { type Chain, type Json, membersOf, type Rule, type Ruleset, setKey } from './ruleset.js'

/**
 * @param document what `nft -j list ruleset` prints
 * @param listing what `nft -a list ruleset` prints
 */
export function parseNft(document: string, listing: string): Ruleset {
  const objects = membersOf(JSON.parse(document) as Json).nftables
  const entries = Array.isArray(objects) ? objects.flatMap((each) => Object.entries(membersOf(each))) : []
  const texts = ruleTexts(listing)
  const rules = new Map<string, Rule[]>()
  for (const [kind, value] of entries) {
    const { family, table, chain, handle, expr } = membersOf(value)
    if (kind !== 'rule') continue
    const key = `${family} ${table} ${chain}`
    const text = texts.get(`${family} ${table} ${handle}`) ?? `rule ${key} handle ${handle}`
    const remedy = `nft delete rule ${key} handle ${handle}`
    rules.set(key, [...(rules.get(key) ?? []), { text, remedy, statements: Array.isArray(expr) ? expr : [] }])
  }
  return {
    chains: entries.flatMap(([kind, value]) => (kind === 'chain' ? [chainOf(membersOf(value), rules)] : [])),
    sets: new Map(
      entries.flatMap(([kind, value]) => {
        const { family, table, name, elem } = membersOf(value)
        if (kind !== 'set' && kind !== 'map') return []
        return [[setKey(String(family), String(table), String(name)), Array.isArray(elem) ? elem : []] as const]
      }),
    ),
  }
}

function chainOf(chain: { [key: string]: Json }, rules: ReadonlyMap<string, Rule[]>): Chain {
  const { family, table, name, hook = null, type = null, prio = 0, policy, dev = [] } = chain
  const key = `${family} ${table} ${name}`
  return {
    ...{ family: String(family), table: String(table), name: String(name) },
    hook: hook === null ? null : String(hook),
    type: type === null ? null : String(type),
    priority: Number(prio),
    devices: (Array.isArray(dev) ? dev : [dev]).map(String),
    policy:
      policy === 'drop' ? { text: `chain ${key}: policy drop`, remedy: `nft 'chain ${key} { policy accept; }'` } : null,
    rules: rules.get(key) ?? [],
  }
}

/** The words of each rule by family, table and handle. */
function ruleTexts(listing: string): Map<string, string> {
  const texts = new Map<string, string>()
  let table = ''
  for (const line of listing.split('\n')) {
    const [, opened] = /^table (\S+ \S+) \{/.exec(line) ?? []
    if (opened !== undefined) table = opened
    const [, text, handle] = /^\t\t(.*?) # handle (\d+)$/.exec(line) ?? []
    if (text !== undefined) texts.set(`${table} ${handle}`, text.replace(/ {2,}/g, ' '))
  }
  return texts
}
