// Whether a packet meets a condition of a rule. null where that cannot be known from outside of the kernel.
import type { Packet } from './packet.js'
import { type Json, membersOf } from './ruleset.js'
import { addressValue, flagsNumber, isAmong, nameValue, numberOf, numberValue, type Value } from './value.js'

/** Finds the elements of a named set, by its name with `@`. */
export type Elements = (name: string) => readonly Json[]

/** Ports from which the kernel chooses (ip_local_port_range in ip(7)). */
const CHOSEN_PORTS: Value = { low: 32_768n, high: 60_999n }
/** Names and numbers of types (RFC 792, RFC 4443). The message that a packet is too big is one of IPv4's `destination unreachable`. */
const ICMP_TYPES = {
  4: {
    'echo-request': ['echo-request', 8],
    'echo-reply': ['echo-reply', 0],
    'too-big': ['destination-unreachable', 3],
    solicit: ['', -1],
    advert: ['', -1],
  },
  6: {
    'echo-request': ['echo-request', 128],
    'echo-reply': ['echo-reply', 129],
    'too-big': ['packet-too-big', 2],
    solicit: ['nd-neighbor-solicit', 135],
    advert: ['nd-neighbor-advert', 136],
  },
} as const
const FRAGMENTATION_NEEDED = 4

/** Whether a `match` of libnftables-json(5) holds. */
export function holds(match: Json, packet: Packet, elements: Elements): boolean | null {
  const { op = '==', left = null, right = null } = membersOf(match)
  switch (op) {
    case '==':
    case 'in':
      return isField(left, 'tcp', 'flags') && op === 'in'
        ? hasFlag(packet, right)
        : isOneOf(left, right, packet, elements)
    case '!=': {
      const is = isOneOf(left, right, packet, elements)
      return is === null ? null : !is && valueIn(left, packet) !== 'absent'
    }
    case '<':
    case '>':
    case '<=':
    case '>=':
      return compare(valueIn(left, packet), op, numberOf(right))
    default:
      return null
  }
}

/** Whether an expression's value is among those of a set, a list or one value. */
export function isOneOf(left: Json, right: Json, packet: Packet, elements: Elements): boolean | null {
  const candidates = candidatesOf(right, elements, isBits(left))
  const found = candidates.map((each) => isSame(left, each, packet))
  return found.includes(true) ? true : found.includes(null) ? null : false
}

/** Whether an expression has the value of one element; an expression of several parts has several values. */
export function isSame(left: Json, element: Json, packet: Packet): boolean | null {
  const parts = membersOf(left).concat
  if (!Array.isArray(parts)) return isAmong(valueIn(left, packet), element)
  const { elem, concat } = membersOf(element)
  if (elem !== undefined) return isSame(left, membersOf(elem).val ?? null, packet)
  if (!Array.isArray(concat)) return element === '*' ? true : null
  const found = parts.map((part, index) => isAmong(valueIn(part, packet), concat[index] ?? null))
  return found.includes(false) ? false : found.includes(null) ? null : true
}

function candidatesOf(right: Json, elements: Elements, isOneNumber: boolean): readonly Json[] {
  if (typeof right === 'string' && right.startsWith('@')) return elements(right.slice(1))
  const { set } = membersOf(right)
  if (Array.isArray(set)) return set
  return Array.isArray(right) && !isOneNumber ? right : [right]
}

/** Several TCP flags are one number; several states are several. */
const isBits = (left: Json): boolean =>
  isField(left, 'tcp', 'flags') || isField(firstOf(membersOf(left)['&']), 'tcp', 'flags')

const firstOf = (json: Json | undefined): Json => (Array.isArray(json) ? (json[0] ?? null) : null)

const isField = (left: Json, protocol: string, field: string): boolean => {
  const payload = membersOf(membersOf(left).payload)
  return payload.protocol === protocol && payload.field === field
}

const hasFlag = ({ protocol, flags }: Packet, right: Json): boolean | null => {
  const bits = numberOf(right)
  return bits === null ? null : protocol === 'tcp' && (flagsNumber(flags) & bits) !== 0n
}

function compare(value: Value, op: '<' | '>' | '<=' | '>=', than: bigint | null): boolean | null {
  if (value === 'absent') return false
  if (value === 'unknown' || 'name' in value || than === null) return null
  const hold = (each: bigint) => ({ '<': each < than, '>': each > than, '<=': each <= than, '>=': each >= than })[op]
  return hold(value.low) === hold(value.high) ? hold(value.low) : null
}

function valueIn(left: Json, packet: Packet): Value {
  const { payload, meta, ct } = membersOf(left)
  const masked = membersOf(left)['&']
  if (payload !== undefined) return fieldOf(membersOf(payload), packet)
  if (meta !== undefined) return metaOf(membersOf(meta).key ?? null, packet)
  if (ct !== undefined) return trackedOf(membersOf(ct).key ?? null, packet)
  if (!Array.isArray(masked)) return 'unknown'
  const [inner = null, mask = null] = masked
  const value = valueIn(inner, packet)
  const bits = numberOf(mask)
  if (value === 'absent') return value
  if (value === 'unknown' || bits === null || 'name' in value || value.low !== value.high) return 'unknown'
  return numberValue(value.low & bits)
}

function fieldOf({ protocol, field }: { [key: string]: Json }, packet: Packet): Value {
  const isFour = packet.family === 4
  switch (protocol) {
    case 'ip':
    case 'ip6':
      if ((protocol === 'ip') !== isFour) return 'absent'
      if (field === 'saddr' || field === 'daddr') return addressValue(field === 'saddr' ? packet.from : packet.to)
      return field === 'protocol' || field === 'nexthdr' ? protocolOf(packet) : 'unknown'
    case 'tcp':
    case 'udp':
    case 'th':
      if (packet.protocol === 'icmp' || (protocol !== 'th' && protocol !== packet.protocol)) return 'absent'
      if (field === 'flags') return numberValue(flagsNumber(packet.flags))
      return field === 'sport' || field === 'dport' ? portOf(packet[field]) : 'unknown'
    case 'icmp':
    case 'icmpv6':
      if (packet.icmp === null || (protocol === 'icmp') !== isFour) return 'absent'
      if (field === 'code') return numberValue(packet.icmp === 'too-big' && isFour ? FRAGMENTATION_NEEDED : 0)
      return field === 'type' ? nameValue(ICMP_TYPES[packet.family][packet.icmp][0]) : 'unknown'
    case 'icmp-number':
      return packet.icmp === null ? 'absent' : numberValue(ICMP_TYPES[packet.family][packet.icmp][1])
    case 'ether':
      return field === 'type' ? nameValue(isFour ? 'ip' : 'ip6') : 'unknown'
    case 'arp':
    case 'sctp':
    case 'dccp':
    case 'igmp':
    case 'esp':
    case 'ah':
      return 'absent'
    default:
      return 'unknown'
  }
}

const portOf = (port: number | null): Value => (port === null ? CHOSEN_PORTS : numberValue(port))

const protocolOf = ({ protocol, family }: Packet): Value =>
  nameValue(protocol === 'icmp' && family === 6 ? 'ipv6-icmp' : protocol)

function metaOf(key: Json, packet: Packet): Value {
  switch (key) {
    case 'iif':
    case 'iifname':
      return nameValue(packet.iif ?? '')
    case 'oif':
    case 'oifname':
      return nameValue(packet.oif ?? '')
    case 'l4proto':
      return protocolOf(packet)
    case 'nfproto':
      return nameValue(`ipv${packet.family}`)
    case 'protocol':
      return nameValue(packet.family === 4 ? 'ip' : 'ip6')
    case 'mark':
      return numberValue(packet.mark)
    default:
      return 'unknown'
  }
}

function trackedOf(key: Json, { state }: Packet): Value {
  if (key === 'state') return nameValue(state)
  return key === 'direction' && state !== 'invalid' && state !== 'untracked'
    ? nameValue(state === 'new' ? 'original' : 'reply')
    : 'unknown'
}
