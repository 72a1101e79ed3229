// The rules of a node in the words of libnftables-json(5), whichever tool has made them.

/** An expression or statement, as libnftables-json(5) has them. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

export interface Rule {
  /** As its tool prints it. */
  text: string
  /** The words of the command that deletes it; null where the command cannot name it. */
  remedy: readonly string[] | null
  statements: readonly Json[]
}

export interface Chain {
  /** `ip`, `ip6`, `inet`, `bridge` or `netdev`. */
  family: string
  table: string
  name: string
  /** null for a chain that packets only come to by a jump. */
  hook: string | null
  /** `filter`, `nat` or `route`; null without a hook. */
  type: string | null
  priority: number
  /** Interfaces of a chain of the family netdev. */
  devices: readonly string[]
  /** null unless the policy drops. */
  policy: Omit<Rule, 'statements'> | null
  rules: readonly Rule[]
}

export interface Ruleset {
  chains: readonly Chain[]
  /** Elements of named sets and maps, by `setKey`. */
  sets: ReadonlyMap<string, readonly Json[]>
}

export const EMPTY: Ruleset = { chains: [], sets: new Map() }

export const setKey = (family: string, table: string, name: string): string => `${family} ${table} ${name}`

export const merged = (rulesets: readonly Ruleset[]): Ruleset => ({
  chains: rulesets.flatMap(({ chains }) => chains),
  sets: new Map(rulesets.flatMap(({ sets }) => [...sets])),
})

/** The members of an object; none for anything else. */
export const membersOf = (json: Json | undefined): { [key: string]: Json } =>
  typeof json === 'object' && json !== null && !Array.isArray(json) ? json : {}
