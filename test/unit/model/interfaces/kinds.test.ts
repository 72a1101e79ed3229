// The traits of interface kinds agree with what can be written of each, and with what is tried of the kernel.

import { expect, test } from 'vitest'
import { KINDS } from '../../../../src/features.js'
import { kindProbes } from '../../../../src/kernel/netlink/rtnl/probe.js'
import { type InterfaceKind, TRAITS } from '../../../../src/model/interfaces/kinds.js'
import type { InterfaceTraits } from '../../../../src/model/interfaces/traits.js'
import { device } from '../../../../src/topology/schema/interfaces/interfaces.js'

/** As of a kind that has every setting on which the type of a trait depends. */
type AnyTraits = { [Key in keyof InterfaceTraits<{ parent: string }>]: InterfaceTraits<{ parent: string }>[Key] | null }

const traitsOf = (kind: string): AnyTraits => TRAITS[kind as InterfaceKind] as unknown as AnyTraits

/** Keys of each kind that can be written under `interfaces`. */
const keysOfKinds = device.out.options.map(({ shape }): [string, string[]] => [shape.kind.value, Object.keys(shape)])

test('every kind that can be written has traits, and the other way round', () => {
  expect([...keysOfKinds.map(([kind]) => kind), 'loopback', 'veth'].sort()).toEqual(Object.keys(TRAITS).sort())
})

test.each(keysOfKinds)('%s has the keys that its traits tell of', (kind, keys) => {
  const { members, parent, references, mac } = traitsOf(kind)
  expect(keys.includes('members')).toBe(members !== null)
  expect(keys.includes('parent')).toBe(parent !== null)
  expect(keys).toEqual(expect.arrayContaining(Object.keys(references ?? {})))
  if (keys.includes('mac')) expect(mac).not.toBe('none')
  if (mac === 'computed') expect(keys).toContain('mac')
})

test('every kind that the kernel may lack is tried, after the veth on which others stand', () => {
  const lacking = Object.keys(TRAITS).filter((kind) => traitsOf(kind).kernel !== null)
  const tried = kindProbes().flatMap(({ kind: { table, name } }) => (table === 'link' ? [name] : []))
  expect(tried).toEqual(lacking)
  expect(tried[0]).toBe('veth')
  expect([...KINDS.link.keys()]).toEqual(lacking)
})

test('only the loopback, cards, tun and tap need nothing of the kernel that a link request makes', () => {
  const others = Object.keys(TRAITS).filter((kind) => traitsOf(kind).kernel === null)
  expect(others).toEqual(['loopback', 'tun', 'tap', 'device'])
})
