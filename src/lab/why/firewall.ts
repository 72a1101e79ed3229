// Which rule of an nftables ruleset, as `nft -a list ruleset` prints it, drops a packet. A rule whose words are not all known
// is not blamed.
import type { Family } from '../../model/family.js'

export interface Packet {
  family: Family
  from: string
  to: string
  iif: string | null
  oif: string | null
  /** The words that a rule may use for the ICMP type. */
  icmp: 'echo-request' | 'echo-reply'
}

export interface Drop {
  rule: string
  remedy: string
}

export function dropIn(ruleset: string, hook: 'input' | 'forward' | 'output', packet: Packet): Drop | null {
  let table = ''
  let chain = ''
  let policy: Drop | null = null
  let isHooked = false
  let isDecided = false
  for (const line of ruleset.split('\n').map((each) => each.trim())) {
    const [, opened] = /^table (\S+ \S+) \{/.exec(line) ?? []
    if (opened !== undefined) table = opened
    const [, begun] = /^chain (\S+) \{/.exec(line) ?? []
    if (begun !== undefined) [chain, isHooked, isDecided, policy] = [begun, false, false, null]
    const [, hooked, verdict] = /^type filter hook (\S+) .*?(?:policy (\S+);)?$/.exec(line) ?? []
    if (hooked !== undefined) {
      isHooked = hooked === hook && isOfFamily(table, packet.family)
      const remedy = `nft 'chain ${table} ${chain} { policy accept; }'`
      policy = verdict === 'drop' ? { rule: `chain ${table} ${chain}: policy drop`, remedy } : null
      continue
    }
    if (!isHooked) continue
    if (line === '}') {
      if (policy && !isDecided) return policy
      isHooked = false
      continue
    }
    const [, rule, handle] = /^(.*?) # handle (\d+)$/.exec(line) ?? []
    const [, condition, verdict2] = /^(.*?)\s*\b(drop|accept|reject)\b.*$/.exec(rule ?? '') ?? []
    if (isDecided || rule === undefined || condition === undefined) continue
    if (!matches(condition, packet)) continue
    isDecided = true
    if (verdict2 !== 'accept') return { rule, remedy: `nft delete rule ${table} ${chain} handle ${handle}` }
  }
  return null
}

const isOfFamily = (table: string, family: Family): boolean =>
  table.startsWith('inet ') || table.startsWith(family === 4 ? 'ip ' : 'ip6 ')

/** Whether each condition of a rule is known and holds. */
function matches(condition: string, { family, from, to, iif, oif, icmp }: Packet): boolean {
  const ip = family === 4 ? 'ip' : 'ip6'
  const protocol = family === 4 ? 'icmp' : '(?:ipv6-icmp|icmpv6)'
  const own = [
    `${ip} saddr ${quoted(from)}`,
    `${ip} daddr ${quoted(to)}`,
    ...(iif === null ? [] : [`(?:iif|iifname) "${quoted(iif)}"`]),
    ...(oif === null ? [] : [`(?:oif|oifname) "${quoted(oif)}"`]),
    `meta l4proto ${protocol}`,
    `ip protocol icmp`,
    `ip6 nexthdr (?:ipv6-icmp|icmpv6)`,
    `(?:icmp|icmpv6) type ${icmp}`,
    'counter packets \\d+ bytes \\d+',
  ]
  const rest = own.reduce((left, each) => left.replace(new RegExp(`(^|\\s)${each}(?=\\s|$)`), ' '), condition)
  return rest.trim() === ''
}

const quoted = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
