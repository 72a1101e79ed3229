import { describe, expect, test } from 'vitest'
import { KINDS, lackText, remedyText } from '../../../../../src/features.js'
import { addAddress } from '../../../../../src/kernel/netlink/rtnl/address.js'
import { createBridge } from '../../../../../src/kernel/netlink/rtnl/bridge.js'
import { ENOENT, EOPNOTSUPP } from '../../../../../src/kernel/netlink/rtnl/constants.js'
import { kindOf, lackedKind } from '../../../../../src/kernel/netlink/rtnl/kind.js'
import { deleteLink, setLink } from '../../../../../src/kernel/netlink/rtnl/link.js'
import { kindProbes } from '../../../../../src/kernel/netlink/rtnl/probe.js'
import type { Request } from '../../../../../src/kernel/netlink/rtnl/request.js'
import { createVeth } from '../../../../../src/kernel/netlink/rtnl/veth.js'

const target = 'h1:eth0'
const end = { name: 'eth0', index: 20, mac: null, mtu: 1500 }
const probeOf = (name: string): Request =>
  kindProbes().find(({ kind }) => kind.name === name)?.request ?? expect.fail(`no probe of ${name}`)

describe('the kind of a request', () => {
  test('is read from its bytes, whatever built it', () => {
    expect(kindOf(createVeth({ ...end, target, queues: 1, master: 3, peer: { ...end, netnsFd: 4 } }))).toEqual({
      table: 'link',
      name: 'veth',
    })
    expect(kindOf(createBridge({ ...end, target }))).toEqual({ table: 'link', name: 'bridge' })
    for (const { kind, request } of kindProbes()) expect(kindOf(request), kind.name).toEqual(kind)
  })

  test('is none where nothing of a kind is made', () => {
    expect(kindOf(setLink({ target, index: 20, up: true }))).toBeNull()
    expect(kindOf(deleteLink({ target, index: 20 }))).toBeNull()
    expect(kindOf(addAddress({ target, index: 20, family: 4, address: '10.0.0.1/24' }))).toBeNull()
  })
})

describe('a kind that the kernel lacks', () => {
  const [vlan, netem] = [probeOf('vlan'), probeOf('netem')]

  test('is known by errno and words, with or without them', () => {
    expect(lackedKind(vlan, { errno: EOPNOTSUPP, extack: 'Unknown device type' })).toMatchObject({ name: 'vlan' })
    expect(lackedKind(vlan, { errno: EOPNOTSUPP, extack: undefined })).toMatchObject({ name: 'vlan' })
    expect(lackedKind(netem, { errno: ENOENT, extack: 'Specified qdisc kind is unknown' })).toMatchObject({
      name: 'netem',
    })
    expect(lackedKind(netem, { errno: ENOENT, extack: 'Specified qdisc not found' })).toMatchObject({ name: 'netem' })
    expect(lackedKind(probeOf('u32'), { errno: ENOENT, extack: 'TC classifier not found' })).toEqual({
      ...{ table: 'filter', name: 'u32' },
    })
  })

  test('is not taken for an option that the kernel lacks of a kind it has', () => {
    const filtering = createBridge({ ...end, target, vlanFiltering: true })
    const [bare, without] = [createBridge({ ...end, target }), createBridge({ ...end, target, stp: true })]
    const lacked = { table: 'link', name: 'bridge', option: 'vlan_filtering' } as const
    expect(lackedKind(filtering, { errno: EOPNOTSUPP, extack: undefined })).toEqual(lacked)
    for (const bridge of [bare, without]) {
      expect(lackedKind(bridge, { errno: EOPNOTSUPP, extack: undefined })).toEqual({ table: 'link', name: 'bridge' })
    }
    expect(lackedKind(filtering, { errno: EOPNOTSUPP, extack: 'Unknown device type' })).toEqual({
      table: 'link',
      name: 'bridge',
    })
    expect(lackText(lacked.table, lacked.name, lacked.option)).toBe(
      'this kernel lacks VLAN filtering on bridges (vlan_filtering of link kind bridge)',
    )
    expect(remedyText(lacked.table, lacked.name, lacked.option)).toMatch(
      /^use a kernel with CONFIG_BRIDGE_VLAN_FILTERING, such as/,
    )
  })

  test('is not taken for a parent that is not there, or for a device that cannot do something', () => {
    expect(lackedKind(netem, { errno: ENOENT, extack: 'Specified class not found' })).toBeNull()
    expect(lackedKind(vlan, { errno: EOPNOTSUPP, extack: 'VLANs not supported on device' })).toBeNull()
    expect(lackedKind(vlan, { errno: ENOENT, extack: undefined })).toBeNull()
    expect(lackedKind(setLink({ target, index: 20 }), { errno: EOPNOTSUPP, extack: undefined })).toBeNull()
  })
})

test('there is one probe for every kind that has a name', () => {
  expect(kindProbes().map(({ kind }) => `${kind.table} ${kind.name}`)).toEqual(
    (['link', 'qdisc', 'filter'] as const).flatMap((table) =>
      [...KINDS[table].keys()].map((name) => `${table} ${name}`),
    ),
  )
})
