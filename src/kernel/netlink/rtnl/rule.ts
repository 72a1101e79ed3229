// Policy rules, which choose the routing table: RTM_NEWRULE with struct fib_rule_hdr (linux/fib_rules.h). Equals `ip rule`.
import { AF_INET, AF_INET6, NLM_F_CREATE, NLM_F_EXCL } from './constants.js'
import { prefixBytes } from './ip.js'
import type { Request } from './request.js'

const RTM_NEWRULE = 32
const RULE_HEADER_LENGTH = 12
/** FRA_* */
const FRA_DST = 1
const FRA_SRC = 2
const FRA_IIFNAME = 3
const FRA_PRIORITY = 6
const FRA_FWMARK = 10
const FRA_TABLE = 15
const FRA_FWMASK = 16
/** FR_ACT_* */
const ACTIONS = { lookup: 1, blackhole: 6, unreachable: 7, prohibit: 8 } as const

export interface NewRule {
  target: string
  family: 4 | 6
  priority: number
  /** `PREFIX/LENGTH` */
  from?: string | undefined
  to?: string | undefined
  /** Name of the interface that a packet came in by; `lo` for the node's own. */
  iif?: string | undefined
  fwmark?: { mark: number; mask?: number | undefined } | undefined
  /** What becomes of the packet: a table's id, or its end. */
  action: { table: number } | 'blackhole' | 'unreachable' | 'prohibit'
}

/** `ip rule add` */
export function addRule(rule: NewRule): Request {
  return {
    operation: 'add rule',
    target: rule.target,
    type: RTM_NEWRULE,
    flags: NLM_F_CREATE | NLM_F_EXCL,
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
