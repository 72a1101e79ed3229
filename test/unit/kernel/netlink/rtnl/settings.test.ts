// Addresses, neighbours, remotes of VXLANs and VLANs of bridges: read back as they were written, and as iproute2 reads them.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addAddress, parseAddressSettings } from '../../../../../src/kernel/netlink/rtnl/address.js'
import { parseBridgePort, setBridgePort } from '../../../../../src/kernel/netlink/rtnl/bridge-port.js'
import { addBridgeVlan, parseBridgeVlans } from '../../../../../src/kernel/netlink/rtnl/bridge-vlan.js'
import { AF_BRIDGE, RTM_NEWADDR, RTM_NEWLINK, RTM_NEWNEIGH } from '../../../../../src/kernel/netlink/rtnl/constants.js'
import { appendFlood, parseFlood } from '../../../../../src/kernel/netlink/rtnl/forwarding.js'
import { addNeighbour, parseNeighbour } from '../../../../../src/kernel/netlink/rtnl/neighbour.js'
import { capture, payloadOf, payloads, requested } from './capture.js'
import { FAMILIES, index } from './values.js'

const target = 'h1'
/** Interfaces of the captures. */
const INDEXES: Record<string, number> = { eth0: 20, eth1: 21, br0: 30, vx1: 40, vx2: 41, vx3: 42 }

describe.each(FAMILIES)('what is written is read back, IPv$family', ({ family, address, prefix }) => {
  test('addresses', () => {
    fc.assert(
      fc.property(fc.record({ index, address: prefix, noDad: fc.boolean() }), (own) => {
        const settings = { ...own, family }
        expect(parseAddressSettings(payloadOf(addAddress({ ...settings, target })))).toEqual(settings)
      }),
    )
  })

  test('neighbours', () => {
    const mac = '02:00:00:00:00:0a'
    fc.assert(
      fc.property(index, address, (index, address) => {
        const read = parseNeighbour(payloadOf(addNeighbour({ target, index, address, mac })))
        expect(read).toEqual({ index, family, address, mac, state: 'PERMANENT' })
      }),
    )
  })

  test('remotes of VXLANs', () => {
    fc.assert(
      fc.property(index, address, (index, remote) => {
        expect(parseFlood(payloadOf(appendFlood({ target, index, remote })))).toEqual({ index, remote })
      }),
    )
  })
})

test('a VLAN of a port is read as it was written', () => {
  const vlans = fc.record({ index, vid: fc.integer({ min: 1, max: 4094 }), pvid: fc.boolean(), untagged: fc.boolean() })
  fc.assert(
    fc.property(vlans, (own) => {
      const settings = { ...own, self: false }
      expect(parseBridgeVlans(payloadOf(addBridgeVlan({ ...settings, target })))).toEqual([settings])
    }),
  )
})

test('the settings of a port of a bridge are read as they were written', () => {
  const ports = fc.record({
    cost: fc.integer({ min: 1, max: 65_535 }),
    priority: fc.integer({ min: 0, max: 63 }),
    groupFwdMask: fc.integer({ min: 0, max: 0xffff }),
  })
  fc.assert(
    fc.property(index, ports, (index, own) => {
      expect(parseBridgePort(payloadOf(setBridgePort({ target, index, ...own })))).toEqual(own)
    }),
  )
})

test('iproute2’s requests are read', () => {
  const port = { index: 20, self: false }
  expect(parseBridgeVlans(requested('bridge-vlan-add'))).toEqual([{ ...port, vid: 10, pvid: true, untagged: true }])
  expect(parseBridgeVlans(requested('bridge-vlan-tagged'))).toEqual([
    { ...port, vid: 20, pvid: false, untagged: false },
  ])
  expect(parseFlood(requested('fdb-append'))).toEqual({ index: 40, remote: '192.0.2.2' })
})

describe('what the kernel reports is read as iproute2 reads it', () => {
  test('addresses', () => {
    const shown = capture('addresses').shown.flatMap(({ ifindex, addr_info }) =>
      addr_info.map((each: any) => ({
        index: ifindex,
        family: each.family === 'inet' ? 4 : 6,
        address: `${each.local}/${each.prefixlen}`,
        noDad: each.nodad ?? false,
      })),
    )
    const read = payloads('addresses', RTM_NEWADDR).map(parseAddressSettings)
    expect(read).toHaveLength(shown.length)
    expect(read).toEqual(expect.arrayContaining(shown))
    expect(read.filter(({ noDad }) => noDad)).toMatchObject([{ address: 'fd00::1/64' }])
  })

  test('remotes of VXLANs, and no other forwarding entries', () => {
    const shown = capture('forwarding').shown.filter(({ mac, dst }) => mac === '00:00:00:00:00:00' && dst !== undefined)
    const read = payloads('forwarding', RTM_NEWNEIGH).map(parseFlood)
    expect(read.filter((each) => each !== null)).toEqual(
      shown.map(({ ifname, dst }) => ({ index: INDEXES[ifname], remote: dst })),
    )
    expect(shown).toHaveLength(4)
  })

  test('VLANs of ports and of a bridge, with ranges', () => {
    const shown = capture('bridge-vlans').shown.flatMap(({ ifname, vlans }) =>
      vlans.map(({ vlan, flags = [] }: any) => ({
        index: INDEXES[ifname],
        vid: vlan,
        pvid: flags.includes('PVID'),
        untagged: flags.includes('Egress Untagged'),
        self: ifname === 'br0',
      })),
    )
    const reported = payloads('bridge-vlans', RTM_NEWLINK).filter((payload) => payload[0] === AF_BRIDGE)
    expect(reported.flatMap(parseBridgeVlans)).toEqual(shown)
    expect(shown).toHaveLength(18)
  })
})
