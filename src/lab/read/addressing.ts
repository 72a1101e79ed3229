// Addresses, routes, next hops and rules as the kernel reports them, in the words of a plan; undefined for what the kernel makes by
// itself and for what no plan has words for. Pure.
import { isLasting, parseAddressSettings } from '../../kernel/netlink/rtnl/address.js'
import { parseNexthop } from '../../kernel/netlink/rtnl/nexthop.js'
import { isRefusing, parseRouteSetting } from '../../kernel/netlink/rtnl/route.js'
import { parseRule } from '../../kernel/netlink/rtnl/rule.js'
import type { Family } from '../../model/family.js'
import type { ResolvedNexthop, ResolvedRule } from '../../model/resolved.js'
import type { ObservedEntry } from '../../plan/change/observed.js'
import type { NexthopAdd, RouteAdd, RuleAdd } from '../../plan/op.js'
import { isKernelsAddress, isKernelsRoute, isKernelsRule } from './kernels-own.js'
import type { LinkTable } from './links.js'

/** RT_TABLE_MAIN. */
const MAIN = 254
/** The metric of a route without one (IP6_RT_PRIO_USER in net/ip6_fib.h). */
const DEFAULT_METRIC: Record<Family, number> = { 4: 0, 6: 1024 }
const ALL_BITS = 0xffff_ffff

/** @param payload of an RTM_NEWADDR */
export function addressEntry(
  payload: Buffer,
  { node, links, nameOf }: LinkTable,
): Extract<ObservedEntry, { op: 'address.add' }> | undefined {
  const { index, family, address, noDad } = parseAddressSettings(payload)
  if (isKernelsAddress(payload, address, links.get(index))) return undefined
  const entry = { op: 'address.add', node, interface: nameOf(index), index, family, address, noDad } as const
  return isLasting(payload) ? entry : { ...entry, temporary: true }
}

/** Of types that a file cannot have, such as `throw`, there are no words. @param payload of an RTM_NEWROUTE */
export function routeEntry(payload: Buffer, { node, nameOf }: LinkTable): ObservedEntry | undefined {
  if (isKernelsRoute(payload)) return undefined
  const { protocol, source, table, metric, nexthopId, nextHops, ...route } = parseRouteSetting(payload)
  const { family, destination } = route
  // Of a route over a next-hop object that drops packets the kernel reports what the object does (fib_dump_info, rt6_fill_node).
  const type = nexthopId === undefined ? route.type : 'unicast'
  if (type !== 'unicast' && !isRefusing(type)) return undefined
  const isMultipath = nextHops.length > 1
  return {
    ...{ op: 'route.add', node, family, destination },
    nextHops: nextHops.map(({ gateway, index, weight, onlink }) => ({
      ...{ gateway, interface: nameOf(index), index },
      ...(isMultipath && weight !== 1 ? { weight } : {}),
      ...(onlink ? { onlink } : {}),
    })),
    source,
    ...(type === 'unicast' ? {} : { type: type as NonNullable<RouteAdd['type']> }),
    ...(metric === DEFAULT_METRIC[family] ? {} : { metric }),
    ...(table === MAIN ? {} : { table }),
    ...(nexthopId === undefined ? {} : { nexthopId }),
    protocol,
  }
}

/** @param payload of an RTM_NEWNEXTHOP */
export function nexthopEntry(payload: Buffer, { node, nameOf }: LinkTable): NexthopAdd {
  const { id, hop } = parseNexthop(payload)
  if ('group' in hop) {
    const nexthop: ResolvedNexthop = {
      id,
      family: familyOf(payload),
      group: hop.group.map((member) => ({ ...member })),
    }
    return { op: 'nexthop.add', node, nexthop, index: 0 }
  }
  const { family } = hop
  if ('blackhole' in hop) return { op: 'nexthop.add', node, nexthop: { id, family, blackhole: true }, index: 0 }
  const { gateway, index, onlink } = hop
  const over = { gateway, interface: nameOf(index), ...(onlink ? { onlink } : {}) }
  return { op: 'nexthop.add', node, nexthop: { id, family, hop: over }, index }
}

/** AF_INET6 is 10; a group has the family of its members. */
const familyOf = (payload: Buffer): Family => (payload[0] === 10 ? 6 : 4)

/** Of a rule that also selects by what no file has, such as ports, there are no words. @param payload of an RTM_NEWRULE */
export function ruleEntry(payload: Buffer, { node }: LinkTable): RuleAdd | undefined {
  const found = parseRule(payload)
  if (!found || isKernelsRule(found) || found.hasOtherSelectors) return undefined
  const { family, priority, from, to, iif, fwmark, action } = found
  if (typeof action !== 'object' && !isRefusing(action)) return undefined
  const rule: ResolvedRule = {
    ...{ family, priority },
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(iif === undefined ? {} : { iif }),
    ...(fwmark === undefined ? {} : { fwmark: fwmark.mask === ALL_BITS ? { mark: fwmark.mark } : fwmark }),
    action: action as ResolvedRule['action'],
  }
  return { op: 'rule.add', node, rule }
}
