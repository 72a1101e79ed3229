// Policy rules, which choose the routing table: RTM_*RULE with struct fib_rule_hdr (linux/fib_rules.h). Equals `ip rule`.
import { AF_INET, AF_INET6, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL } from './constants.js'
import { addressText, prefixBytes } from './ip.js'
import { type Protocol, protocolName } from './protocol.js'
import { Attributes, textOf, u32Of } from './reader.js'
import { type UnknownWord, wordOf } from './reported.js'
import type { Request } from './request.js'

export const RTM_NEWRULE = 32
export const RTM_DELRULE = 33
const RTM_GETRULE = 34
const RULE_HEADER_LENGTH = 12
/** FRA_* */
const FRA_DST = 1
const FRA_SRC = 2
const FRA_IIFNAME = 3
const FRA_PRIORITY = 6
const FRA_FWMARK = 10
const FRA_SUPPRESS_PREFIXLEN = 14
const FRA_TABLE = 15
const FRA_FWMASK = 16
const FRA_PROTOCOL = 21
/**
 * Selectors that `addRule` cannot write: FRA_OIFNAME, _FLOW, _TUN_ID, _SUPPRESS_IFGROUP, _L3MDEV, _UID_RANGE, _IP_PROTO,
 * _SPORT_RANGE, _DPORT_RANGE and, of newer kernels, _DSCP, _FLOWLABEL.
 */
const OTHER_SELECTORS = [17, 11, 12, 13, 19, 20, 22, 23, 24, 25, 26]
/** FRA_SUPPRESS_PREFIXLEN of a rule without it. */
const NO_PREFIXLEN = 0xffff_ffff
const FIB_RULE_INVERT = 2
/** FR_ACT_* */
const ACTIONS = { lookup: 1, blackhole: 6, unreachable: 7, prohibit: 8 } as const
const ALL_BITS = 0xffff_ffff

export interface NewRule {
  target: string
  family: 4 | 6
  priority: number
  /** `PREFIX/LENGTH` */
  from?: string | undefined
  to?: string | undefined
  /** Name of the interface that a packet came in by; `lo` for packets of the node itself. */
  iif?: string | undefined
  /** Without a mask, all bits of the mark count. */
  fwmark?: { mark: number; mask?: number | undefined } | undefined
  /** Id of the table that is looked up, or how the packet is refused. */
  action: { table: number } | 'blackhole' | 'unreachable' | 'prohibit'
}

/** A rule as the kernel reports it, in the fields of NewRule. */
export interface RuleInfo {
  family: 4 | 6
  priority: number
  from: string | undefined
  to: string | undefined
  iif: string | undefined
  fwmark: { mark: number; mask: number } | undefined
  action: NewRule['action'] | UnknownWord
  /** Which program or part of the kernel made it: `kernel` for the rules of a new namespace; `0` for those of `addRule`. */
  protocol: Protocol | UnknownWord
  /** It also selects by something that NewRule has no field for, such as ports, or it is inverted (`not`). */
  hasOtherSelectors: boolean
}

/** `ip rule add` */
export const addRule = (rule: NewRule): Request => ruleRequest('add', RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, rule)

/** Deletes the first rule with these selectors and this action. `ip rule delete` */
export const deleteRule = (rule: NewRule): Request => ruleRequest('delete', RTM_DELRULE, 0, rule)

function ruleRequest(verb: string, type: number, flags: number, rule: NewRule): Request {
  return {
    operation: `${verb} rule`,
    target: rule.target,
    type,
    flags,
    encode: (writer) => {
      const { family, priority, action, iif, fwmark } = rule
      const [from, to] = [rule.from, rule.to].map((text) => (text === undefined ? null : prefixBytes(text)))
      const table = typeof action === 'object' ? action.table : 0
      const start = writer.header(RULE_HEADER_LENGTH)
      writer.buffer.writeUInt8(family === 4 ? AF_INET : AF_INET6, start)
      writer.buffer.writeUInt8(to?.length ?? 0, start + 1)
      writer.buffer.writeUInt8(from?.length ?? 0, start + 2)
      writer.buffer.writeUInt8(table > 0xff ? 0 : table, start + 4)
      writer.buffer.writeUInt8(ACTIONS[typeof action === 'object' ? 'lookup' : action], start + 7)
      writer.u32(FRA_PRIORITY, priority)
      if (from) writer.bytes(FRA_SRC, from.bytes)
      if (to) writer.bytes(FRA_DST, to.bytes)
      if (fwmark) writer.u32(FRA_FWMARK, fwmark.mark)
      if (fwmark?.mask !== undefined) writer.u32(FRA_FWMASK, fwmark.mask)
      if (iif !== undefined) writer.text(FRA_IIFNAME, iif)
      if (table > 0xff) writer.u32(FRA_TABLE, table)
    },
  }
}

/** All rules of a namespace, both families, the kernel's own included. */
export function listRules(): Request {
  return {
    operation: 'list rules',
    target: 'all',
    type: RTM_GETRULE,
    flags: NLM_F_DUMP,
    encode: (writer) => writer.header(RULE_HEADER_LENGTH),
  }
}

/** Reads the payload of an RTM_NEWRULE; null when it is of another family, such as those of multicast routing. */
export function parseRule(payload: Buffer): RuleInfo | null {
  const family = payload.readUInt8(0)
  if (family !== AF_INET && family !== AF_INET6) return null
  const attributes = new Attributes(payload, RULE_HEADER_LENGTH)
  const prefix = (type: number, length: number): string | undefined => {
    const bytes = attributes.get(type)
    return bytes && `${addressText(bytes)}/${length}`
  }
  return {
    family: family === AF_INET ? 4 : 6,
    priority: attributes.u32(FRA_PRIORITY),
    from: prefix(FRA_SRC, payload.readUInt8(2)),
    to: prefix(FRA_DST, payload.readUInt8(1)),
    iif: textOf(attributes.get(FRA_IIFNAME)) ?? undefined,
    fwmark: fwmarkOf(attributes),
    action: actionOf(payload, attributes),
    protocol: protocolName(attributes.u8(FRA_PROTOCOL)),
    hasOtherSelectors: hasOtherSelectors(payload, attributes),
  }
}

function fwmarkOf(attributes: Attributes): RuleInfo['fwmark'] {
  const [mark, mask] = [attributes.get(FRA_FWMARK), attributes.get(FRA_FWMASK)].map(u32Of)
  return mark === null && mask === null ? undefined : { mark: mark ?? 0, mask: mask ?? ALL_BITS }
}

function actionOf(payload: Buffer, attributes: Attributes): RuleInfo['action'] {
  const action = wordOf(ACTIONS, payload.readUInt8(7))
  return action === 'lookup' ? { table: u32Of(attributes.get(FRA_TABLE)) ?? payload.readUInt8(4) } : action
}

function hasOtherSelectors(payload: Buffer, attributes: Attributes): boolean {
  const [tos, flags] = [payload.readUInt8(3), payload.readUInt32LE(8)]
  const suppressed = u32Of(attributes.get(FRA_SUPPRESS_PREFIXLEN)) ?? NO_PREFIXLEN
  const hasOther = OTHER_SELECTORS.some((type) => attributes.get(type) !== undefined)
  return tos !== 0 || (flags & FIB_RULE_INVERT) !== 0 || suppressed !== NO_PREFIXLEN || hasOther
}
