// Policy rules, as `ip monitor rule`.

import { listRules, parseRule, RTM_DELRULE, RTM_NEWRULE, type RuleInfo } from '../../../kernel/netlink/rtnl/rule.js'
import { tableName } from '../../../kernel/netlink/rtnl/table.js'
import type { RuleFields } from '../../../model/lab-event.js'
import type { EntryKind } from './entry.js'

const ALL_BITS = 0xffff_ffff

export const RULES: EntryKind<RuleInfo, RuleFields> = {
  event: 'rule',
  groups: [8, 19],
  added: RTM_NEWRULE,
  removed: RTM_DELRULE,
  list: listRules,
  read: (payload) => {
    const value = parseRule(payload)
    // A rule cannot be changed: all that it consists of identifies it.
    return value && { key: payload.toString('latin1'), value }
  },
  fields: ({ family, priority, from, to, iif, fwmark, action }) => ({
    ...{ family, priority, from: from ?? null, to: to ?? null, iif: iif ?? null },
    fwmark: fwmark ? markText(fwmark) : null,
    type: typeof action === 'object' ? 'lookup' : action,
    table: typeof action === 'object' ? tableName(action.table) : null,
  }),
}

const markText = ({ mark, mask }: { mark: number; mask: number }): string =>
  `0x${mark.toString(16)}${mask === ALL_BITS ? '' : `/0x${mask.toString(16)}`}`
