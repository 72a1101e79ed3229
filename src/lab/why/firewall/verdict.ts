// What the rules of a hook do to a packet: chain after chain by priority, with jumps, sets and verdict maps (nft(8)).
import { holds, isSame } from './match.js'
import type { Packet } from './packet.js'
import { type Chain, type Json, membersOf, type Rule, type Ruleset, setKey } from './ruleset.js'

export type Hook = 'ingress' | 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'egress'

export interface Blamed extends Omit<Rule, 'statements'> {
  /** Whether the sender is told, by an ICMP error or a TCP reset. */
  rejects: boolean
}

export interface Verdict {
  /** The rule or policy that drops the packet, or rejects it; null if none does. */
  dropped: Blamed | null
  /** Those that may, since a condition of them, or of a rule before them, is not known. */
  suspects: Blamed[]
  /** The mark that rules give the packet. */
  mark: number
  /** Whether rules keep the packet from connection tracking. */
  isUntracked: boolean
  /** What address translation makes of the packet; null without. */
  translated: Translation | null
}

export interface Translation {
  /** `address` null: that of the interface by which the packet leaves, or at which it has arrived. */
  end: 'source' | 'destination'
  address: string | null
  port: number | null
}

/** Deepest nesting of jumps (NFT_JUMP_STACK_SIZE, linux/netfilter/nf_tables.h). */
const DEPTH_MAX = 16
/** Connection tracking comes before chains of greater priority (NF_IP_PRI_CONNTRACK, linux/netfilter_ipv4.h). */
const CONNTRACK_PRIORITY = -200

/** @param families whose tables see the packet: `inet` and `ip` or `ip6`, `bridge`, or `netdev` */
export function judge(ruleset: Ruleset, families: readonly string[], hook: Hook, packet: Packet): Verdict {
  const device = hook === 'ingress' ? packet.iif : packet.oif
  const chains = ruleset.chains
    .filter((each) => each.hook === hook && families.includes(each.family))
    .filter(({ devices }) => devices.length === 0 || (device !== null && devices.includes(device)))
    .sort((a, b) => a.priority - b.priority)
  const verdict: Verdict = {
    dropped: null,
    suspects: [],
    mark: packet.mark,
    isUntracked: packet.state === 'untracked',
    translated: null,
  }
  for (const chain of chains) {
    const state = verdict.isUntracked ? 'untracked' : packet.state
    // Only the first packet of a connection comes to rules that translate.
    if (chain.type === 'nat' && state !== 'new') continue
    const run = new Run(ruleset, { ...packet, state, mark: verdict.mark }, verdict)
    const outcome = run.enter(chain, 0)
    if (outcome !== 'accept' && outcome !== 'return') verdict.dropped = outcome
    else if (outcome === 'return' && chain.policy)
      run.drop({ ...chain.policy, rejects: false }, (found) => (verdict.dropped = found))
    if (verdict.dropped) return verdict
  }
  return verdict
}

type Outcome = 'accept' | 'return' | Blamed

/** The way of a packet through one base chain. */
class Run {
  /** Whether the packet is known to have come this far. */
  private isSure = true

  constructor(
    private readonly ruleset: Ruleset,
    private readonly packet: Packet,
    private readonly verdict: Verdict,
  ) {}

  drop(by: Blamed, onSure: (by: Blamed) => void): void {
    if (this.isSure) onSure(by)
    else this.verdict.suspects.push(by)
  }

  enter(chain: Chain, depth: number): Outcome {
    for (const rule of chain.rules) {
      const outcome = this.apply(chain, rule, depth)
      if (outcome !== null) return outcome
    }
    return 'return'
  }

  /** @returns null where the packet goes on to the next rule */
  private apply(chain: Chain, rule: Rule, depth: number): Outcome | null {
    let isMet: boolean | null = true
    for (const statement of rule.statements)
      for (const [kind, value] of Object.entries(membersOf(statement))) {
        const condition = this.condition(kind, value, chain)
        if (condition === false) return null
        if (condition === null) isMet = null
        if (kind === 'notrack' && isMet && this.isSure) this.untrack(chain)
        const [ends, to] = this.ends(kind, value, chain)
        if (ends !== null) {
          const outcome = this.conclude(chain, rule, isMet === true && to !== null, { kind: ends, to }, depth)
          return outcome === 'continue' ? null : outcome
        }
      }
    return null
  }

  private condition(kind: string, value: Json, { family, table }: Chain): boolean | null {
    switch (kind) {
      case 'match':
        return holds(value, this.packet, (name) => this.ruleset.sets.get(setKey(family, table, name)) ?? [])
      case 'limit':
      case 'quota':
      case 'ct count':
      case 'unknown':
        return null
      case 'xt':
        return membersOf(value).name === 'comment' || membersOf(value).type === 'target' ? true : null
      case 'mangle':
        this.mangle(membersOf(value))
        return true
      default:
        return true
    }
  }

  /** A packet that is tracked already stays so. */
  private untrack({ priority }: Chain): void {
    if (priority >= CONNTRACK_PRIORITY) return
    this.verdict.isUntracked = true
    this.packet.state = 'untracked'
  }

  private mangle({ key, value }: { [key: string]: Json }): void {
    if (membersOf(membersOf(key).meta).key === 'mark' && typeof value === 'number') {
      this.verdict.mark = value
      this.packet.mark = value
    }
  }

  /** The kind of verdict that a statement is, and its target; nulls where the packet goes on. */
  private ends(kind: string, value: Json, chain: Chain): [string | null, Json] {
    if (kind === 'vmap') return this.mapped(membersOf(value), chain)
    if (kind === 'xt') {
      const { type, name } = membersOf(value)
      return type === 'target' && name === 'REJECT' ? ['reject', true] : [null, null]
    }
    const isVerdict = /^(?:accept|drop|reject|return|jump|goto|queue|snat|dnat|masquerade|redirect)$/.test(kind)
    return isVerdict ? [kind, value ?? true] : [null, null]
  }

  /** The verdict that a map has for the packet. One that cannot be known drops perhaps. */
  private mapped(
    { key = null, data = null }: { [key: string]: Json },
    { family, table }: Chain,
  ): [string | null, Json] {
    const named = typeof data === 'string' ? this.ruleset.sets.get(setKey(family, table, data.slice(1))) : undefined
    const set = named ?? membersOf(data).set
    for (const each of Array.isArray(set) ? set : []) {
      const [element = null, verdict = null] = Array.isArray(each) ? each : []
      const isMet = isSame(key, element, this.packet)
      if (isMet === false) continue
      const [kind = null, value = null] = Object.entries(membersOf(verdict))[0] ?? []
      return isMet === null ? [kind, null] : [kind, value ?? true]
    }
    return [null, null]
  }

  private conclude(
    chain: Chain,
    rule: Rule,
    isMet: boolean,
    { kind, to }: { kind: string; to: Json },
    depth: number,
  ): Outcome | 'continue' {
    switch (kind) {
      case 'continue':
        return 'continue'
      case 'drop':
      case 'reject':
      case 'queue':
        return this.blame({ ...rule, rejects: kind === 'reject' }, isMet && kind !== 'queue')
      case 'jump':
      case 'goto':
        return this.jump(chain, isMet, kind, String(membersOf(to).target), depth)
      case 'snat':
      case 'dnat':
      case 'masquerade':
      case 'redirect':
        if (isMet && this.isSure) this.verdict.translated = translationOf(kind, membersOf(to))
    }
    if (isMet) return kind === 'return' ? 'return' : 'accept'
    this.isSure = false
    return 'continue'
  }

  private blame(rule: Blamed, isMet: boolean): Outcome | 'continue' {
    if (isMet && this.isSure) return rule
    this.verdict.suspects.push(rule)
    // A packet that is known to meet the rule does not come further.
    return isMet ? 'accept' : 'continue'
  }

  private jump(
    { family, table }: Chain,
    isMet: boolean,
    kind: string,
    name: string,
    depth: number,
  ): Outcome | 'continue' {
    const target = this.ruleset.chains.find((c) => c.family === family && c.table === table && c.name === name)
    if (!target || depth >= DEPTH_MAX) {
      this.isSure = false
      return 'continue'
    }
    if (!isMet) this.isSure = false
    const outcome = this.enter(target, depth + 1)
    if (!isMet) return 'continue'
    return outcome === 'return' ? (kind === 'goto' ? 'return' : 'continue') : outcome
  }
}

const translationOf = (kind: string, { addr, port }: { [key: string]: Json }): Translation => ({
  end: kind === 'snat' || kind === 'masquerade' ? 'source' : 'destination',
  address: typeof addr === 'string' ? addr : null,
  port: typeof port === 'number' ? port : null,
})
