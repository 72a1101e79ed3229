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
  const dormant = dormantTables(entries, listing)
  const rules = new Map<string, Rule[]>()
  for (const [kind, value] of entries) {
    const { family, table, chain, handle, expr } = membersOf(value)
    if (kind !== 'rule') continue
    const key = `${family} ${table} ${chain}`
    const text = texts.get(`${family} ${table} ${handle}`) ?? `rule ${key} handle ${handle}`
    const remedy = commandOn([String(family), String(table), String(chain)], (path) => [
      ...['nft', 'delete', 'rule', ...path],
      ...['handle', String(handle)],
    ])
    rules.set(key, [...(rules.get(key) ?? []), { text, remedy, statements: Array.isArray(expr) ? expr : [] }])
  }
  return {
    chains: entries
      .flatMap(([kind, value]) => (kind === 'chain' ? [chainOf(membersOf(value), rules)] : []))
      .filter((each) => !dormant.has(`${each.family} ${each.table}`)),
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
  const accepted = commandOn([String(family), String(table), String(name)], (path) => [
    'nft',
    `chain ${path.join(' ')} { policy accept; }`,
  ])
  return {
    ...{ family: String(family), table: String(table), name: String(name) },
    hook: hook === null ? null : String(hook),
    type: type === null ? null : String(type),
    priority: Number(prio),
    devices: (Array.isArray(dev) ? dev : [dev]).map(String),
    policy: policy === 'drop' ? { text: `chain ${key}: policy drop`, remedy: accepted } : null,
    rules: rules.get(key) ?? [],
  }
}

/**
 * nft(8) parses its words again, in which other programs may have put more than a name: then no command names the chain (nft(8),
 * LEXICAL CONVENTIONS).
 */
const commandOn = (path: readonly string[], words: (path: readonly string[]) => string[]): string[] | null =>
  path.every((each) => /^[a-z][\w/\\.]*$/i.test(each)) ? words(path) : null

/** Tables whose rules are not in force, by family and name. nft(8) 1.0.6 prints their flags wrongly as JSON, but rightly in words. */
function dormantTables(entries: readonly [string, Json][], listing: string): Set<string> {
  const dormant = new Set<string>()
  for (const [kind, value] of entries) {
    const { family, name, flags = [] } = membersOf(value)
    if (kind === 'table' && [flags].flat().includes('dormant')) dormant.add(`${family} ${name}`)
  }
  for (const [, table, flags] of listing.matchAll(
    /^table (\S+ \S+) \{.*\n(?:\t(?:comment|flags) .*\n)*?\tflags (.*)$/gm,
  ))
    if (/\bdormant\b/.test(flags ?? '')) dormant.add(table ?? '')
  return dormant
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
