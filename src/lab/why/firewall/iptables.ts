// Reads what iptables-save(8) prints, and says it in the words of libnftables-json(5).
import type { Family } from '../../../model/family.js'
import type { Chain, Json, Rule, Ruleset } from './ruleset.js'

/** Where a table stands among the base chains of a hook (linux/netfilter_ipv4.h). */
const PRIORITIES: Readonly<Record<string, number>> = { raw: -300, mangle: -150, nat: -100, filter: 0, security: 50 }

/** @param tool the command that prints the rules, without `-save`: it deletes them too */
export function parseIptables(text: string, tool: string, family: Family): Ruleset {
  const chains: (Chain & { rules: Rule[] })[] = []
  let table = ''
  for (const line of linesOf(text)) {
    const [, opened] = /^\*(\S+)/.exec(line) ?? []
    if (opened !== undefined) table = opened
    const [, name, policy] = /^:(\S+) (\S+)/.exec(line) ?? []
    if (name !== undefined) chains.push(chainOf({ table, name, policy: policy ?? '-', tool, family }))
    const [, of, words] = /^-A (\S+) ?(.*)$/s.exec(line) ?? []
    const rule = {
      text: `${tool}${table === 'filter' ? '' : ` -t ${table}`} ${line}`,
      remedy: [tool, '-t', table, '-D', of ?? '', ...splitWords(words ?? '')],
    }
    if (of !== undefined)
      chains
        .find((each) => each.table === table && each.name === of)
        ?.rules.push({ ...rule, statements: statementsOf(splitWords(words ?? ''), family) })
  }
  return { chains, sets: new Map() }
}

function chainOf({
  table,
  name,
  policy,
  tool,
  family,
}: Record<'table' | 'name' | 'policy' | 'tool', string> & { family: Family }) {
  const isBase = policy !== '-'
  const words = [tool, '-t', table, '-P', name]
  return {
    ...{ family: family === 4 ? 'ip' : 'ip6', table, name },
    hook: isBase ? name.toLowerCase() : null,
    type: isBase ? (table === 'nat' ? 'nat' : 'filter') : null,
    priority: PRIORITIES[table] ?? 0,
    devices: [],
    policy: policy === 'DROP' ? { text: [...words, 'DROP'].join(' '), remedy: [...words, 'ACCEPT'] } : null,
    rules: [] as Rule[],
  }
}

/** Lines as iptables-save(8) prints them: a comment in quotes may have line ends in it. */
const linesOf = (text: string): string[] => text.match(/(?:"(?:[^"\\]|\\.)*"|[^\n])+/gs) ?? []

/** Words as iptables-save(8) quotes them: a backslash stands before quotes and backslashes. */
const splitWords = (text: string): string[] =>
  [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/gs)].map(
    ([, quoted, plain]) => quoted?.replace(/\\(.)/gs, '$1') ?? plain ?? '',
  )

const match = (left: Json, right: Json, isNot: boolean): Json => ({ match: { op: isNot ? '!=' : '==', left, right } })
const payload = (protocol: string, field: string): Json => ({ payload: { protocol, field } })
const meta = (key: string): Json => ({ meta: { key } })
const UNKNOWN: Json = { unknown: null }

function statementsOf(words: readonly string[], family: Family): Json[] {
  const statements: Json[] = []
  let isNot = false
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '!') {
      isNot = true
      continue
    }
    const value = words[at + 1] ?? ''
    const statement =
      word === '--tcp-flags' ? flagsStatement(value, words[at + 2] ?? '', isNot) : option(word, value, isNot, family)
    if (statement === null && !word.startsWith('--')) continue
    isNot = false
    at += word === '--tcp-flags' ? 2 : value.startsWith('-') ? 0 : 1
    if (statement !== null) statements.push(statement)
  }
  return statements
}

/** What an option says; null where it says nothing about the packet. */
function option(word: string, value: string, isNot: boolean, family: Family): Json | null {
  const ip = family === 4 ? 'ip' : 'ip6'
  switch (word) {
    case '-s':
    case '-d':
      return match(payload(ip, word === '-s' ? 'saddr' : 'daddr'), prefixOf(value), isNot)
    case '-i':
    case '-o':
      return match(meta(word === '-i' ? 'iifname' : 'oifname'), value.replace(/\+$/, '*'), isNot)
    case '-p':
      return match(meta('l4proto'), value === 'icmpv6' ? 'ipv6-icmp' : value, isNot)
    case '-m':
    case '--comment':
      return { counter: null }
    case '--dport':
    case '--sport':
      return match(payload('th', word.slice(2)), portsOf(value), isNot)
    case '--dports':
    case '--sports':
      return match(payload('th', word.slice(2, -1)), { set: value.split(',').map(portsOf) }, isNot)
    case '--icmp-type':
    case '--icmpv6-type':
      return /^\d+$/.test(value) ? match(payload('icmp-number', 'type'), Number(value), isNot) : UNKNOWN
    case '--ctstate':
    case '--state':
      return match({ ct: { key: 'state' } }, value.toLowerCase().split(','), isNot)
    case '--mark':
      return markOf(value, isNot)
    case '-j':
    case '-g':
      return verdictOf(word, value)
    case '--notrack':
      return { notrack: null }
    case '--reject-with':
    case '--log-prefix':
    case '--log-level':
      return { counter: null }
    case '--set-mark':
      return /^(?:0x)?[0-9a-f]+$/.test(value) ? { mangle: { key: meta('mark'), value: Number(value) } } : UNKNOWN
    case '--set-xmark': {
      const [mark = '', mask = ''] = value.split('/')
      return Number(mask) === 0xffffffff ? { mangle: { key: meta('mark'), value: Number(mark) } } : UNKNOWN
    }
    case '--to-source':
    case '--to-destination':
      return translation(word === '--to-source' ? 'snat' : 'dnat', value)
    default:
      return UNKNOWN
  }
}

function prefixOf(text: string): Json {
  const [addr = '', len] = text.split('/')
  return len === undefined ? addr : /^\d+$/.test(len) ? { prefix: { addr, len: Number(len) } } : text
}

function portsOf(text: string): Json {
  const [low, high] = text.split(':').map(Number)
  return high === undefined ? (low ?? 0) : { range: [low ?? 0, high] }
}

function markOf(value: string, isNot: boolean): Json {
  const [mark, mask] = value.split('/').map(Number)
  return match(mask === undefined ? meta('mark') : { '&': [meta('mark'), mask] }, mark ?? 0, isNot)
}

function flagsStatement(mask: string, set: string, isNot: boolean): Json {
  const flags = (text: string): Json =>
    text
      .toLowerCase()
      .split(',')
      .filter((each) => each !== 'none')
  return match({ '&': [payload('tcp', 'flags'), flags(mask)] }, flags(set), isNot)
}

function translation(kind: string, value: string): Json {
  const [, addr, port] = /^\[?([\d.]+|[0-9a-f:]+?)\]?(?::(\d+))?$/i.exec(value) ?? []
  if (addr === undefined) return UNKNOWN
  return { [kind]: port === undefined ? { addr } : { addr, port: Number(port) } }
}

function verdictOf(word: string, name: string): Json {
  switch (name) {
    case 'ACCEPT':
    case 'DROP':
    case 'REJECT':
    case 'RETURN':
    case 'MASQUERADE':
      return { [name.toLowerCase()]: null }
    case 'NFQUEUE':
      return { queue: null }
    case 'NOTRACK':
      return { notrack: null }
    case 'LOG':
    case 'MARK':
    case 'SNAT': // the address follows as an option
    case 'DNAT':
    case 'CT':
    case 'TRACE':
    case 'CONNMARK':
    case 'CHECKSUM':
    case 'TCPMSS':
      return { counter: null }
    default:
      return { [word === '-g' ? 'goto' : 'jump']: { target: name } }
  }
}
