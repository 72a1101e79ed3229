// Routes, next-hop objects and rules: read back as they were written, and as iproute2 reads them.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RTM_NEWROUTE } from '../../../../../src/kernel/netlink/rtnl/constants.js'
import { addNexthop, parseNexthop } from '../../../../../src/kernel/netlink/rtnl/nexthop.js'
import { addRoute, parseRouteSettings } from '../../../../../src/kernel/netlink/rtnl/route.js'
import { addRule, parseRule } from '../../../../../src/kernel/netlink/rtnl/rule.js'
import { capture, payloadOf, payloads, requested } from './capture.js'
import { FAMILIES, index, maybe, u32 } from './values.js'

const RTM_NEWRULE = 32
const RTM_NEWNEXTHOP = 104
const target = 'h1'
/** Interfaces of the captures. */
const INDEXES: Record<string, number> = { lo: 1, eth0: 20, eth1: 21 }
const TABLES: Record<string, number> = { default: 253, main: 254, local: 255 }
const REFUSALS = ['blackhole', 'unreachable', 'prohibit'] as const

const weight = fc.integer({ min: 1, max: 256 })
const protocol = fc.constantFrom('kernel', 'boot', 'static', 'bgp')
const refusal = fc.constantFrom(...REFUSALS)
const id = u32.filter(Boolean)
const weighted = (id: number, weight: number) => ({ id, weight })

describe.each(FAMILIES)('what is written is read back, IPv$family', ({ family, address, prefix, all }) => {
  test('routes: one next hop, several, an object, none', () => {
    const gateway = fc.option(address)
    const one = fc.record({ gateway, index }).map((hop) => [{ ...hop, weight: 1 }])
    const several = fc.array(fc.record({ gateway, index, weight }), { minLength: 2, maxLength: 5 })
    const unicast = { type: 'unicast' as const, nexthopId: undefined, nextHops: [] }
    const ways = fc.oneof(
      fc.oneof(one, several).map((nextHops) => ({ ...unicast, nextHops })),
      id.map((nexthopId) => ({ ...unicast, nexthopId })),
      refusal.map((type) => ({ ...unicast, type })),
    )
    const destination = fc.oneof(prefix, fc.constant(all))
    const common = fc.record({ destination, source: fc.option(address), metric: u32, table: id, protocol })
    fc.assert(
      fc.property(common, ways, (own, way) => {
        const route = { ...own, ...way, family }
        expect(parseRouteSettings([payloadOf(addRoute({ ...route, target }))])).toEqual([route])
      }),
    )
  })

  test('next hops', () => {
    const group = fc.array(fc.record({ id, weight }), { minLength: 1, maxLength: 9 })
    const hop = fc.oneof(
      fc.record({ family: fc.constant(family), gateway: fc.option(address), index }),
      fc.constant({ family, blackhole: true as const }),
      group.map((group) => ({ group })),
    )
    fc.assert(
      fc.property(fc.record({ id, protocol, hop }), (nexthop) => {
        expect(parseNexthop(payloadOf(addNexthop({ ...nexthop, target })))).toEqual(nexthop)
      }),
    )
  })

  test('rules', () => {
    const action = fc.oneof(
      id.map((table) => ({ table })),
      refusal,
    )
    const fwmark = maybe(fc.record({ mark: u32, mask: u32 }))
    const iif = maybe(fc.constantFrom('lo', 'eth0'))
    const rules = fc.record({ priority: u32, from: maybe(prefix), to: maybe(prefix), iif, fwmark, action })
    const ours = { protocol: '0', hasOtherSelectors: false }
    fc.assert(
      fc.property(rules, (own) => {
        const rule = { ...own, family }
        expect(parseRule(payloadOf(addRule({ ...rule, target })))).toEqual({ ...rule, ...ours })
      }),
    )
  })
})

test('all bits of a mark count where there is no mask', () => {
  const rule = addRule({ target, family: 4, priority: 1, fwmark: { mark: 7 }, action: { table: 7 } })
  expect(parseRule(payloadOf(rule))?.fwmark).toEqual({ mark: 7, mask: 0xffff_ffff })
})

test('rules of other families, such as those of multicast routing, are left out', () => {
  const rule = payloadOf(addRule({ target, family: 4, priority: 1, action: { table: 7 } }))
  const RTNL_FAMILY_IPMR = 128
  rule.writeUInt8(RTNL_FAMILY_IPMR, 0)
  expect(parseRule(rule)).toBeNull()
})

describe('iproute2’s requests are read', () => {
  const unicast = { type: 'unicast', source: null, nexthopId: undefined, metric: 0, table: 254, protocol: 'static' }

  test.each([
    ['route-default', { source: '10.0.0.1', metric: 50, protocol: 'boot', destination: '0.0.0.0/0' }],
    ['route-on-link', { ...unicast, destination: '10.2.0.0/16', nextHops: [{ gateway: null, index: 20, weight: 1 }] }],
    ['route-table', { ...unicast, destination: '10.4.0.0/16', table: 1000 }],
    ['route-nexthop', { ...unicast, destination: '10.6.0.0/16', nextHops: [], nexthopId: 1 }],
    ['route-unreachable', { ...unicast, type: 'unreachable', nextHops: [], metric: 9, table: 100 }],
    ['route-ipv6-prohibit', { ...unicast, family: 6, destination: 'fd08::/64', type: 'prohibit', metric: 5 }],
  ])('%s', (name, route) => expect(parseRouteSettings([requested(name)])).toMatchObject([route]))

  test.each([
    ['nexthop-gateway', 1, { family: 4, gateway: '10.0.0.2', index: 20 }],
    ['nexthop-ipv6', 1, { family: 6, gateway: 'fd00::2', index: 20 }],
    ['nexthop-device', 3, { family: 4, gateway: null, index: 20 }],
    ['nexthop-blackhole', 4, { family: 4, blackhole: true }],
    ['nexthop-group', 10, { group: [weighted(1, 1), weighted(2, 3)] }],
  ])('%s', (name, id, hop) => expect(parseNexthop(requested(name))).toEqual({ id, protocol: 'static', hop }))

  test.each([
    [
      'rule-everything',
      {
        ...{ family: 4, priority: 101, from: '10.1.0.0/16', to: '10.2.0.0/16', iif: 'eth0' },
        ...{ fwmark: { mark: 0x10, mask: 0xff }, action: { table: 1000 } },
      },
    ],
    ['rule-ipv6', { family: 6, from: undefined, to: 'fd01::/64', action: { table: 100 } }],
    ['rule-prohibit', { priority: 9, action: 'prohibit' }],
  ])('%s', (name, rule) => expect(parseRule(requested(name))).toMatchObject(rule))
})

describe('what the kernel reports is read as iproute2 reads it', () => {
  const tableOf = (name = 'main') => TABLES[name] ?? Number(name)

  describe.each(FAMILIES)('IPv$family', ({ family, bits, all }) => {
    const withLength = (address: string, length = bits) => (address.includes('/') ? address : `${address}/${length}`)
    const hopOf = (hop: any) => ({
      gateway: hop.gateway ?? hop.via?.host ?? null,
      index: INDEXES[hop.dev],
      weight: hop.weight ?? 1,
    })

    test.each([`routes-ipv${family}`, `nexthop-routes-ipv${family}`])('%s', (name) => {
      const shown = capture(name).shown.map(({ dst, type = 'unicast', nexthops, ...route }) => ({
        family,
        destination: dst === 'default' ? all : withLength(dst),
        type,
        table: tableOf(route.table),
        protocol: route.protocol ?? 'boot',
        metric: route.metric ?? 0,
        source: route.prefsrc ?? null,
        nexthopId: route.nhid,
        nextHops: route.nhid !== undefined || REFUSALS.includes(type) ? [] : (nexthops ?? [route]).map(hopOf),
      }))
      expect(parseRouteSettings(payloads(name, RTM_NEWROUTE))).toEqual(shown)
    })

    test('rules', () => {
      const others = ['oif', 'ipproto', 'not', 'suppress_prefixlen', 'tos']
      const FR_ACT_GOTO = '2'
      const shown = capture(`rules-ipv${family}`).shown.map((rule) => ({
        family,
        priority: rule.priority,
        from: rule.src === 'all' ? undefined : withLength(rule.src, rule.srclen),
        to: rule.dst && withLength(rule.dst, rule.dstlen),
        iif: rule.iif,
        fwmark: rule.fwmark && { mark: Number(rule.fwmark), mask: Number(rule.fwmask ?? 0xffff_ffff) },
        action: rule.goto ? FR_ACT_GOTO : (rule.action ?? { table: tableOf(rule.table) }),
        protocol: [0, 32766, 32767].includes(rule.priority) ? 'kernel' : '0',
        hasOtherSelectors: others.some((key) => key in rule),
      }))
      expect(payloads(`rules-ipv${family}`, RTM_NEWRULE).map(parseRule)).toEqual(shown)
    })
  })

  test('next hops', () => {
    const PROTOCOLS: Record<string, string> = { undefined: '0', openr: '99' }
    const hopOf = ({ group, blackhole, gateway, dev, id }: any) => {
      if (group) return { group: group.map((member: any) => weighted(member.id, member.weight ?? 1)) }
      // iproute2 does not show the family; these two are IPv6.
      const family = id === 2 || id === 4 ? 6 : 4
      return blackhole === null
        ? { family, blackhole: true }
        : { family, gateway: gateway ?? null, index: INDEXES[dev] }
    }
    expect(payloads('nexthops', RTM_NEWNEXTHOP).map(parseNexthop)).toEqual(
      capture('nexthops').shown.map((nexthop) => ({
        id: nexthop.id,
        protocol: PROTOCOLS[String(nexthop.protocol)] ?? nexthop.protocol,
        hop: hopOf(nexthop),
      })),
    )
  })
})
