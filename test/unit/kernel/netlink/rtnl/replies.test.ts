// Which answer belongs to which request, and when a batch is done. Refusals are written as the kernel does: see
// netlink_ack in net/netlink/af_netlink.c.
import { constants } from 'node:os'
import { expect, test } from 'vitest'
import { Replies } from '../../../../../src/kernel/netlink/rtnl/replies.js'

const { EEXIST, EINVAL } = constants.errno
const NLMSG_NOOP = 1
const NLMSG_ERROR = 2
const NLMSG_DONE = 3
const RTM_NEWLINK = 16
const NLM_F_DUMP_INTR = 0x10
const NLM_F_CAPPED = 0x100
const NLM_F_ACK_TLVS = 0x200

function message(type: number, flags: number, sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(16)
  header.writeUInt32LE(16 + payload.length, 0)
  header.writeUInt16LE(type, 4)
  header.writeUInt16LE(flags, 6)
  header.writeUInt32LE(sequence, 8)
  return Buffer.concat([header, payload, Buffer.alloc(-payload.length & 3)])
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

/** struct nlmsgerr with a quoted header; `quoted` bytes of the request behind it. */
const refusal = (errno: number, quoted = 0): Buffer =>
  Buffer.concat([int(-errno), int(16 + quoted), Buffer.alloc(12), Buffer.alloc((quoted + 3) & ~3)])

/** NLMSGERR_ATTR_MSG */
const text = (words: string): Buffer => {
  const value = Buffer.from(`${words}\0`)
  const header = Buffer.alloc(4)
  header.writeUInt16LE(4 + value.length, 0)
  header.writeUInt16LE(1, 2)
  return Buffer.concat([header, value])
}

test('a batch is done when its last request is answered', () => {
  const replies = new Replies(10, 3)
  replies.takeDatagram(message(NLMSG_ERROR, NLM_F_CAPPED, 12, refusal(0)))
  expect(replies).toMatchObject({ complete: true, refusal: null })
})

test('a refusal in the middle is told by its sequence number, and only the last answer ends the batch', () => {
  const replies = new Replies(10, 3)
  replies.takeDatagram(message(NLMSG_ERROR, NLM_F_CAPPED, 11, refusal(EEXIST)))
  expect(replies.complete).toBe(false)
  replies.takeDatagram(message(NLMSG_ERROR, NLM_F_CAPPED, 12, refusal(EINVAL)))
  expect(replies).toMatchObject({ complete: true, refusal: { index: 1, errno: EEXIST, extack: undefined } })
})

test('the kernel’s text is found behind a capped request and behind a whole one', () => {
  for (const [flags, quoted] of [
    [NLM_F_CAPPED, 0],
    [0, 37],
  ] as const) {
    const replies = new Replies(1, 1)
    const payload = Buffer.concat([refusal(EINVAL, quoted), text('Invalid prefix length')])
    replies.takeDatagram(message(NLMSG_ERROR, flags | NLM_F_ACK_TLVS, 1, payload))
    expect(replies.refusal).toEqual({ index: 0, errno: EINVAL, extack: 'Invalid prefix length' })
  }
})

test('a text with an acknowledgement is a warning, not a refusal', () => {
  const replies = new Replies(1, 1)
  const payload = Buffer.concat([refusal(0), text('lone warning')])
  replies.takeDatagram(message(NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS, 1, payload))
  expect(replies).toMatchObject({ complete: true, refusal: null })
})

test('a dump is all its parts, over several datagrams, up to its end', () => {
  const replies = new Replies(1, 1)
  const part = (byte: number) => message(RTM_NEWLINK, 2, 1, Buffer.alloc(5, byte))
  replies.takeDatagram(Buffer.concat([part(1), part(2)]))
  replies.takeDatagram(Buffer.concat([part(3), message(NLMSG_DONE, 2, 1, int(0))]))
  expect(replies).toMatchObject({ complete: true, refusal: null, interrupted: false })
  expect(replies.payloads).toEqual([1, 2, 3].map((byte) => Buffer.alloc(5, byte)))
})

test('a dump that failed on the way says why at its end', () => {
  const replies = new Replies(1, 1)
  const payload = Buffer.concat([int(-EINVAL), text('Unknown device')])
  replies.takeDatagram(message(NLMSG_DONE, 2 | NLM_F_ACK_TLVS, 1, payload))
  expect(replies.refusal).toEqual({ index: 0, errno: EINVAL, extack: 'Unknown device' })
})

test('a dump that changes meanwhile is marked', () => {
  const replies = new Replies(1, 1)
  replies.takeDatagram(message(RTM_NEWLINK, 2 | NLM_F_DUMP_INTR, 1, Buffer.alloc(4)))
  expect(replies).toMatchObject({ interrupted: true, complete: false })
})

test('answers to other requests are ignored, also around the wrap of the sequence number', () => {
  const replies = new Replies(0xffff_ffff, 2)
  replies.takeDatagram(message(NLMSG_ERROR, NLM_F_CAPPED, 0xffff_fffe, refusal(EEXIST)))
  replies.takeDatagram(message(NLMSG_ERROR, NLM_F_CAPPED, 1, refusal(EEXIST)))
  expect(replies).toMatchObject({ complete: false, refusal: null })
  replies.takeDatagram(message(NLMSG_ERROR, NLM_F_CAPPED, 0, refusal(EINVAL)))
  expect(replies).toMatchObject({ complete: true, refusal: { index: 1, errno: EINVAL } })
})

test('messages of netlink itself and what is cut off are ignored', () => {
  const replies = new Replies(1, 1)
  replies.takeDatagram(message(NLMSG_NOOP, 0, 1, Buffer.alloc(4)))
  replies.takeDatagram(message(NLMSG_ERROR, NLM_F_CAPPED, 1, refusal(EEXIST)).subarray(0, 30))
  replies.takeDatagram(Buffer.alloc(40))
  expect(replies).toMatchObject({ complete: false, refusal: null, payloads: [] })
})
