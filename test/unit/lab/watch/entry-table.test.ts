// What a message changes, and what a list shows.
import { expect, test } from 'vitest'
import { addAddress } from '../../../../src/kernel/netlink/rtnl/address.js'
import {
  NLM_F_REPLACE,
  RTM_DELADDR,
  RTM_DELROUTE,
  RTM_NEWADDR,
  RTM_NEWROUTE,
} from '../../../../src/kernel/netlink/rtnl/constants.js'
import type { Request } from '../../../../src/kernel/netlink/rtnl/request.js'
import { addRoute } from '../../../../src/kernel/netlink/rtnl/route.js'
import { MessageWriter } from '../../../../src/kernel/netlink/rtnl/writer.js'
import { kindOf } from '../../../../src/lab/watch/entries/kinds.js'
import { EntryTable } from '../../../../src/lab/watch/entry-table.js'

/** The body of a request, which is what the kernel reports of the entry. */
function bodyOf({ encode }: Request): Buffer {
  const writer = new MessageWriter(Buffer.alloc(512))
  encode(writer)
  return writer.buffer.subarray(0, writer.length)
}

const route = (destination: string, gateway: string): Buffer =>
  bodyOf(
    addRoute({
      ...{ target: '', family: destination.includes(':') ? 6 : 4, destination, protocol: 'static', metric: 7 },
      nextHops: [{ gateway, index: 2 }],
    } as Parameters<typeof addRoute>[0]),
  )

const notice = (type: number, payload: Buffer, flags = 0) => ({ type, flags, payload })
const value = (gateway: string) => expect.objectContaining({ nextHops: [expect.objectContaining({ gateway })] })

test('added, told again, replaced, removed', () => {
  const table = new EntryTable(kindOf('route'))
  table.begin([route('10.1.0.0/16', '10.0.0.1')])
  expect(table.take(notice(RTM_NEWROUTE, route('10.1.0.0/16', '10.0.0.1')))).toBeNull()
  expect(table.take(notice(RTM_NEWROUTE, route('10.1.0.0/16', '10.0.0.2'), NLM_F_REPLACE))).toEqual({
    value: value('10.0.0.2'),
    was: value('10.0.0.1'),
  })
  expect(table.take(notice(RTM_DELROUTE, route('10.1.0.0/16', '10.0.0.2')))).toEqual({
    value: null,
    was: value('10.0.0.2'),
  })
  expect(table.take(notice(RTM_DELROUTE, route('10.1.0.0/16', '10.0.0.2')))).toBeNull()
  expect(table.take(notice(RTM_NEWROUTE, route('10.1.0.0/16', '10.0.0.1')))).toEqual({
    value: value('10.0.0.1'),
    was: null,
  })
})

test('a second IPv4 route to a destination is found by a list, as is the one of them that goes', () => {
  const [first, second] = [route('10.1.0.0/16', '10.0.0.1'), route('10.1.0.0/16', '10.0.0.2')] as const
  const table = new EntryTable(kindOf('route'))
  table.begin([first])
  expect(table.take(notice(RTM_NEWROUTE, second))).toBe('unclear')
  expect(table.compare([first, second])).toEqual([{ value: value('10.0.0.2'), was: null }])
  expect(table.take(notice(RTM_DELROUTE, second))).toBe('unclear')
  expect(table.compare([first])).toEqual([{ value: null, was: value('10.0.0.2') }])
  expect(table.take(notice(RTM_DELROUTE, first))).toEqual({ value: null, was: value('10.0.0.1') })
})

test('a list shows what was added, removed and changed meanwhile', () => {
  const table = new EntryTable(kindOf('route'))
  table.begin([route('10.1.0.0/16', '10.0.0.1'), route('10.2.0.0/16', '10.0.0.1')])
  expect(table.compare([route('10.2.0.0/16', '10.0.0.9'), route('10.3.0.0/16', '10.0.0.1')])).toEqual([
    { value: null, was: expect.objectContaining({ destination: '10.1.0.0/16' }) },
    { value: value('10.0.0.9'), was: value('10.0.0.1') },
    { value: expect.objectContaining({ destination: '10.3.0.0/16' }), was: null },
  ])
})

test('an IPv4 address that goes may take routes with it, which are then listed', () => {
  const body = bodyOf(addAddress({ target: '', index: 2, family: 4, address: '10.0.0.1/24', noDad: false } as any))
  const table = new EntryTable(kindOf('address'))
  table.begin([])
  const added = table.take(notice(RTM_NEWADDR, body))
  expect(added).toMatchObject({ was: null })
  expect(table.silencedBy(added as any)).toEqual([])
  const removed = table.take(notice(RTM_DELADDR, body))
  expect(removed).toMatchObject({ value: null })
  expect(table.silencedBy(removed as any)).toEqual(['route'])
})
