// Requests for queueing disciplines, classes and filters: what tc(8) sends. Where nslab sends more, or differently on purpose,
// the tests say what.
import { describe, expect, test } from 'vitest'
import { RTM_NEWQDISC, RTM_NEWTCLASS, RTM_NEWTFILTER } from '../../../../../src/kernel/netlink/rtnl/constants.js'
import { Attributes } from '../../../../../src/kernel/netlink/rtnl/reader.js'
import type { Request } from '../../../../../src/kernel/netlink/rtnl/request.js'
import { addClass, changeClass, deleteClass, parseClass } from '../../../../../src/kernel/netlink/rtnl/tc/class.js'
import { addSourceFilter, deleteFilters, parseSourceFilter } from '../../../../../src/kernel/netlink/rtnl/tc/filter.js'
import { handle } from '../../../../../src/kernel/netlink/rtnl/tc/message.js'
import type { NetemSettings } from '../../../../../src/kernel/netlink/rtnl/tc/netem.js'
import {
  addQdisc,
  changeQdisc,
  deleteQdisc,
  parseQdisc,
  replaceQdisc,
} from '../../../../../src/kernel/netlink/rtnl/tc/qdisc.js'
import type { QdiscSettings } from '../../../../../src/kernel/netlink/rtnl/tc/qdisc-kinds.js'
import { createVeth } from '../../../../../src/kernel/netlink/rtnl/veth.js'
import { capture, captured, encoded, payloadOf, payloads, requested } from './capture.js'

const target = 'h1:eth0'
const ROOT = 0xffff_ffff
const at = { target, index: 20 }
const atRoot = { ...at, handle: handle(1), parent: ROOT }
const qdisc = (settings: QdiscSettings, where = atRoot): Request => addQdisc({ ...where, qdisc: settings })
const netem = (settings: Omit<NetemSettings, 'limitPackets'>, limitPackets = 1000) =>
  qdisc({ kind: 'netem', limitPackets, ...settings })
const rate = (bitsPerSecond: number, overheadBytes = 0) => ({ bytesPerSecond: bitsPerSecond / 8, overheadBytes })
const GBIT = 1e9

describe('byte for byte', () => {
  const requests: Record<string, Request> = {
    'tc-htb': qdisc({ kind: 'htb', defaultClass: 1 }),
    'tc-pfifo': qdisc({ kind: 'pfifo', limit: 100 }, { ...at, handle: handle(3), parent: handle(2, 1) }),
    'tc-bfifo': qdisc({ kind: 'bfifo', limit: 150_000 }),
    'tc-codel': qdisc({ kind: 'codel', limitPackets: 100, targetUs: 5000, intervalUs: 100_000, ecn: true }),
    'tc-codel-noecn': qdisc({ kind: 'codel', limitPackets: 100, targetUs: 10_000, intervalUs: 200_000, ecn: false }),
    'tc-fq-codel': qdisc({
      kind: 'fq_codel',
      ...{ limitPackets: 1000, flows: 512, quantumBytes: 1514, targetUs: 5000, intervalUs: 100_000, ecn: true },
    }),
    'tc-clsact': qdisc({ kind: 'clsact' }, { ...at, handle: handle(0xffff), parent: 0xffff_fff1 }),
    'tc-qdisc-delete': deleteQdisc({ ...at, handle: 0, parent: ROOT }),
    'tc-htb-class-delete': deleteClass({ ...at, handle: handle(1, 1), parent: 0 }),
    'tc-u32-source': addSourceFilter({
      ...{ ...at, parent: handle(1), priority: 10, mac: '02:00:00:00:00:01', classId: handle(1, 1) },
    }),
    'tc-filters-delete': deleteFilters({ ...at, parent: handle(1), priority: 10 }),
    'veth-single-frames': createVeth({
      ...{ target, name: 'eth0', index: 20, mac: '02:00:00:00:00:01', mtu: 1500, queues: 1, gsoMaxSegs: 1 },
      peer: { name: 'eth1', index: 21, mac: '02:00:00:00:00:02', mtu: 1400, netnsFd: 4, gsoMaxSegs: 1 },
    }),
  }
  test.each(Object.entries(requests))('%s', (name, request) => {
    expect(encoded(request), capture(name).command).toBe(captured(name))
  })

  const red = { kind: 'red', ecn: false } as const
  test.each<[string, Request]>([
    [
      'tc-red',
      qdisc({
        ...{ ...red, limitBytes: 400_000, minBytes: 30_000, maxBytes: 90_000, probability: 0.1, ecn: true },
        ...{ bytesPerSecond: 1_250_000, burstPackets: 50 },
      }),
    ],
    [
      'tc-red-plain',
      qdisc({
        ...{ ...red, limitBytes: 60_000, minBytes: 5000, maxBytes: 15_000, probability: 0.02 },
        ...{ bytesPerSecond: 125_000_000, burstPackets: 9 },
      }),
    ],
  ])('%s, with the flags in the structure, where old kernels look too', (name, request) => {
    const [ours, theirs] = [optionsOf(payloadOf(request)), optionsOf(requested(name))]
    const [parms, flags] = [theirs.get(1) ?? '', theirs.get(4) ?? '']
    theirs.set(1, parms.slice(0, -2) + flags.slice(0, 2)) // the first byte of TCA_RED_FLAGS
    theirs.delete(4)
    expect(ours).toEqual(theirs)
  })
})

/** Attributes in TCA_OPTIONS by number, in hexadecimal. @param skip length of the structure before them */
function optionsOf(payload: Buffer, skip = 0): Map<number, string> {
  const options = new Attributes(payload, 20).get(2) as Buffer
  const found = new Map<number, string>()
  for (let type = 1; type < 20; type++) {
    const value = new Attributes(options, skip).get(type)
    if (value) found.set(type, value.toString('hex'))
  }
  return found
}

describe('netem: what tc says, and zeros for all that it leaves out', () => {
  const requests: Record<string, Request> = {
    'tc-netem-delay': netem({ delayNs: 10e6 }, 2000),
    'tc-netem-jitter': netem({ delayNs: 10e6, jitterNs: 2e6, jitterCorrelation: 0.25 }, 2000),
    'tc-netem-long-delay': netem({ delayNs: 4e9, jitterNs: 2.1e9 }, 2000),
    'tc-netem-random': netem({
      loss: { model: 'random', probability: 0.01, correlation: 0.25 },
      duplicate: { probability: 0.02, correlation: 0.1 },
      corrupt: { probability: 0.001, correlation: 0.05 },
    }),
    'tc-netem-reorder': netem({ delayNs: 10e6, reorder: { probability: 0.05, correlation: 0.5, gap: 3 } }),
    'tc-netem-gemodel': netem({
      loss: { model: 'gilbert-elliott', p: 0.01, r: 0.1, lossInBad: 0.7, lossInGood: 0.001 },
    }),
    'tc-netem-state': netem({ loss: { model: 'state', p13: 0.01, p31: 0.02, p32: 0.03, p23: 0.04, p14: 0.05 } }),
    'tc-netem-rate': netem({
      rate: { bytesPerSecond: 12_500_000, overheadBytes: 20, cellBytes: 5, cellOverheadBytes: -7 },
    }),
    'tc-netem-fast-rate': netem({
      ...{ delayNs: 10e6, jitterNs: 2e6 },
      rate: { bytesPerSecond: 1e12, overheadBytes: 0, cellBytes: 0, cellOverheadBytes: 0 },
    }),
    'tc-netem-ecn': netem({ loss: { model: 'random', probability: 0.01, correlation: 0 }, ecn: true }),
    'tc-netem-slot': netem({
      delayNs: 10e6,
      slot: { time: { minNs: 1e6, maxNs: 2e6 }, packets: 3, bytes: 4000 },
    }),
    'tc-netem-replace': replaceQdisc({ ...atRoot, qdisc: { kind: 'netem', limitPackets: 1000, delayNs: 5e6 } }),
    'tc-netem-change': changeQdisc({ ...atRoot, qdisc: { kind: 'netem', limitPackets: 1000, delayNs: 5e6 } }),
  }

  test.each(Object.entries(requests))('%s', (name, request) => {
    const theirs = optionsOf(requested(name), 24)
    const ours = optionsOf(payloadOf(request), 24)
    expect(request.flags, 'flags').toBe(Buffer.from(capture(name).request, 'hex').readUInt16LE(6) & ~5)
    for (const [type, value] of ours) {
      const expected = theirs.get(type) ?? (type === 10 || type === 11 ? value : value.replaceAll(/./g, '0'))
      expect(value, `attribute ${type}`).toBe(expected)
    }
    expect([...theirs.keys()].filter((type) => !ours.has(type))).toEqual([])
    // tc 6.1 writes times in ticks of 64 ns, nslab in attributes of their own.
    const qopt = (payload: Buffer) => (new Attributes(payload, 20).get(2) as Buffer).subarray(0, 24)
    const [own, other] = [qopt(payloadOf(request)), qopt(requested(name))]
    const ticks = [0, 20].map((offset) => other.readUInt32LE(offset))
    expect([10, 11].map((type) => Number(Buffer.from(ours.get(type) ?? '', 'hex').readBigUInt64LE(0) / 64n))).toEqual(
      ticks,
    )
    other.fill(0, 0, 4).fill(0, 20, 24)
    expect(own).toEqual(other)
  })

  test('every attribute is sent on every change, so that nothing keeps its old value', () => {
    const plain = optionsOf(payloadOf(changeQdisc({ ...atRoot, qdisc: { kind: 'netem', limitPackets: 1 } })), 24)
    expect([...plain.keys()]).toEqual([1, 3, 4, 6, 7, 10, 11, 12])
  })

  test('a distribution, also of slots, and a seed', () => {
    const table = [-8192, 0, 8192, 32767]
    const time = { meanNs: 10e6, jitterNs: 2e6, distribution: table }
    const slot = { time, packets: 3, bytes: 4000 }
    const request = netem({ delayNs: 1, jitterNs: 1, distribution: table, slot, seed: 0xfedc_ba98_7654_3210n })
    const ours = optionsOf(payloadOf(request), 24)
    expect(ours.get(2)).toBe('00e000000020ff7f')
    expect(ours.get(13)).toBe('00e000000020ff7f')
    expect(ours.get(12)).toBe(optionsOf(requested('tc-netem-slot-distribution'), 24).get(12))
    expect(ours.get(14)).toBe('1032547698badcfe')
  })
})

describe('shapers: what tc says, without the rate tables that the kernel does not read for Ethernet', () => {
  const fast = { ...rate(100 * GBIT, 4), overheadBytes: 4 }
  const requests: Record<string, [Request, specs: number[], ticks: number[]]> = {
    'tc-tbf': [qdisc({ kind: 'tbf', ...rate(10e6), burstBytes: 3028, limitBytes: 150_000 }), [0], [28]],
    'tc-tbf-overhead': [
      qdisc(
        { kind: 'tbf', ...rate(GBIT, 24), burstBytes: 18_750, limitBytes: 15_000_000 },
        { ...at, handle: handle(2), parent: handle(1, 1) },
      ),
      [0],
      [28],
    ],
    'tc-tbf-fast': [
      qdisc({ kind: 'tbf', ...rate(100 * GBIT), burstBytes: 1_875_000, limitBytes: 15_000_000 }),
      [0],
      [28],
    ],
    'tc-htb-class': [
      addClass({
        ...{ ...at, handle: handle(1, 2), parent: handle(1) },
        settings: { rate: rate(10e6), ceil: rate(20e6), burstBytes: 3028, ceilBurstBytes: 6000, quantumBytes: 1514 },
      }),
      [0, 12],
      [24, 28],
    ],
    'tc-htb-class-fast': [
      addClass({
        ...{ ...at, handle: handle(1, 1), parent: handle(1) },
        settings: {
          ...{ rate: fast, ceil: fast, burstBytes: 1_875_000, ceilBurstBytes: 1_875_000, quantumBytes: 60_000 },
        },
      }),
      [0, 12],
      [24, 28],
    ],
  }

  test.each(Object.entries(requests))('%s', (name, [request, specs, ticks]) => {
    const isHtb = name.includes('htb')
    const theirs = optionsOf(requested(name))
    const ours = optionsOf(payloadOf(request))
    for (const table of isHtb ? [3, 4] : [2]) theirs.delete(table)
    const parms = Buffer.from(theirs.get(1) ?? '', 'hex')
    const own = Buffer.from(ours.get(1) ?? '', 'hex')
    // cell_log and cell_align describe the rate table.
    for (const spec of specs) parms.fill(0, spec, spec + 1).fill(0, spec + 4, spec + 6)
    // tc cuts the time of a burst to whole microseconds.
    for (const offset of ticks) {
      const [theirTicks, ourTicks] = [parms.readUInt32LE(offset), own.readUInt32LE(offset)]
      // Of a tbf faster than 2³² bytes a second, tc reckons with that rate; the kernel takes the burst in bytes.
      if (name !== 'tc-tbf-fast') expect([0, 17]).toContain(Math.ceil((ourTicks - theirTicks) / 17) * 17)
      own.writeUInt32LE(theirTicks, offset)
    }
    theirs.set(1, parms.toString('hex'))
    ours.set(1, own.toString('hex'))
    expect(ours).toEqual(theirs)
    expect(payloadOf(request).subarray(0, 28)).toEqual(requested(name).subarray(0, 28))
  })

  test('a class is changed without the flags that make one', () => {
    const settings = { rate: rate(8e6), ceil: rate(8e6), burstBytes: 3028, ceilBurstBytes: 3028, quantumBytes: 1514 }
    const change = changeClass({ ...at, handle: handle(1, 2), parent: handle(1), settings })
    expect(change).toMatchObject({ type: RTM_NEWTCLASS, flags: 0 })
  })
})

describe('what the kernel reports is read as iproute2 reads it', () => {
  test('disciplines, with their counters', () => {
    const read = payloads('qdiscs', RTM_NEWQDISC).map(parseQdisc)
    const shown = capture('qdiscs').shown
    const ours = read.filter(({ kind }) => kind !== 'noqueue')
    expect(ours.map(({ kind }) => kind)).toEqual(shown.map(({ kind }) => kind))
    for (const [number, { statistics }] of ours.entries()) {
      const { bytes, packets, drops, overlimits, qlen, backlog } = shown[number]
      expect(statistics).toEqual({ bytes, packets, drops, overlimits, queuedPackets: qlen, queuedBytes: backlog })
    }
    expect(ours[0]?.statistics.packets).toBeGreaterThan(0)
    expect(ours.map(({ qdisc }) => qdisc)).toEqual([
      { kind: 'htb', defaultClass: 1 },
      // 18,750 bytes in ticks; tc cuts them to whole microseconds once more.
      { kind: 'tbf', ...rate(GBIT), burstBytes: 18_744, limitBytes: 1_500_000 },
      { kind: 'bfifo', limit: 150_000 },
      { kind: 'pfifo', limit: 100 },
    ])
    expect(ours.map(({ parent, handle }) => [parent, handle])).toEqual([
      [ROOT, handle(1)],
      [handle(1, 1), handle(0x10)],
      [handle(1, 2), handle(0x20)],
      [handle(0x10, 1), handle(0x11)],
    ])
    expect(read.find(({ kind }) => kind === 'noqueue')?.qdisc).toBeNull()
  })

  test('classes', () => {
    const [fast, slow] = payloads('classes', RTM_NEWTCLASS).map(parseClass)
    expect(fast).toMatchObject({ handle: handle(1, 1), settings: { rate: rate(100 * GBIT), quantumBytes: 60_000 } })
    expect(slow).toMatchObject({ handle: handle(1, 2), settings: { rate: rate(10e6), ceil: rate(20e6) } })
    // tc wrote the time of 3,028 and 6,000 bytes in whole microseconds.
    expect(slow?.settings?.burstBytes).toBe(3027)
    expect(slow?.settings?.ceilBurstBytes).toBe(6000)
    expect(slow?.statistics.packets).toBe(capture('qdiscs').shown[0].packets)
  })

  test('filters', () => {
    expect(payloads('filters', RTM_NEWTFILTER).flatMap((payload) => parseSourceFilter(payload) ?? [])).toEqual([
      { index: 20, parent: handle(1), priority: 10, mac: '02:00:00:00:00:01', classId: handle(1, 2) },
    ])
  })
})
