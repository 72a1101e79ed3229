// Disciplines, classes and filters made by nslab, read back with tc(8) and with our own parsers; what few kernels have is made
// in test/vm. A filter is tried with frames, since tc shows only the last of several matches.
import { execFileSync } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { KernelError } from '../../../../src/errors.js'
import { TC_H_ROOT } from '../../../../src/kernel/netlink/rtnl/constants.js'
import { setLink } from '../../../../src/kernel/netlink/rtnl/link.js'
import { addClass, changeClass, listClasses, parseClass } from '../../../../src/kernel/netlink/rtnl/tc/class.js'
import {
  addSourceFilter,
  deleteFilters,
  listFilters,
  parseSourceFilter,
} from '../../../../src/kernel/netlink/rtnl/tc/filter.js'
import { handle } from '../../../../src/kernel/netlink/rtnl/tc/message.js'
import {
  addQdisc,
  changeQdisc,
  deleteQdisc,
  listQdiscs,
  parseQdisc,
} from '../../../../src/kernel/netlink/rtnl/tc/qdisc.js'
import { createVeth } from '../../../../src/kernel/netlink/rtnl/veth.js'
import { NetlinkSocket } from '../../../../src/kernel/netlink/socket.js'
import { withNetns } from '../../../../src/kernel/netns.js'
import { isRoot, Scratch } from '../../../support/kernel-namespaces.js'
import { differences, MACS, QDISCS } from '../../../support/qdisc-settings.mjs'

const target = 'test'
const at = { target, index: 20 }
const root = { ...at, handle: handle(1), parent: TC_H_ROOT }

const tc = (scratch: Scratch, ...args: string[]): any[] =>
  JSON.parse(withNetns(scratch.fd, () => execFileSync('tc', ['-j', '-s', ...args], { encoding: 'utf8' })) || '[]')

// a:eth0 ── b:eth0
async function connected(a: Scratch, b: Scratch): Promise<NetlinkSocket> {
  const socket = NetlinkSocket.open(a.fd)
  const peer = { name: 'eth0', index: 21, mac: MACS[1], mtu: 1500, netnsFd: b.fd, gsoMaxSegs: 1 }
  const veth = { target, name: 'eth0', index: 20, mac: MACS[0], mtu: 1500, queues: 1, gsoMaxSegs: 1, peer }
  await socket.send([createVeth(veth)])
  return socket
}

describe.skipIf(!isRoot)('a discipline is read as it was made, and as tc reads it', () => {
  test.for(Object.entries(QDISCS))('%s', async ([, { settings, shown }], { skip }) => {
    using a = new Scratch()
    using b = new Scratch()
    using socket = await connected(a, b)
    try {
      await socket.send([addQdisc({ ...root, qdisc: settings })])
    } catch (error) {
      skip(error instanceof KernelError && error.code === 'FEATURE_MISSING', 'the kernel lacks it')
      throw error
    }
    const read = (await socket.dump(listQdiscs())).map(parseQdisc).find(({ index }) => index === 20)
    expect(read).toMatchObject({ handle: handle(1), parent: TC_H_ROOT, kind: settings.kind })
    expect(differences(read?.qdisc, settings)).toEqual([])
    expect(tc(a, 'qdisc', 'show', 'dev', 'eth0')).toMatchObject([{ kind: settings.kind, root: true, options: shown }])
    // The kernel changes neither an htb nor the flows of an fq_codel.
    if (settings.kind === 'fq_codel' || settings.kind === 'htb') return
    await socket.send([changeQdisc({ ...root, qdisc: settings }), deleteQdisc({ ...root, handle: 0 })])
    expect(tc(a, 'qdisc', 'show', 'dev', 'eth0').map(({ kind }) => kind)).not.toContain(settings.kind)
  })

  test('both ends of a veth pair carry single frames', async () => {
    using a = new Scratch()
    using b = new Scratch()
    using _ = await connected(a, b)
    expect(a.ip('link', 'show', 'dev', 'eth0')).toMatchObject([{ gso_max_segs: 1 }])
    expect(b.ip('link', 'show', 'dev', 'eth0')).toMatchObject([{ gso_max_segs: 1 }])
  })
})

describe.skipIf(!isRoot)('classes', () => {
  const limited = (bytesPerSecond: number) => ({
    rate: { bytesPerSecond, overheadBytes: 4 },
    ceil: { bytesPerSecond: 2 * bytesPerSecond, overheadBytes: 4 },
    ...{ burstBytes: 1_875_000, ceilBurstBytes: 3_000_000, quantumBytes: 1518 },
  })

  test.each([1_250_000, 12_500_000_000])('of %i bytes a second are read as they were made', async (rate) => {
    using a = new Scratch()
    using b = new Scratch()
    using socket = await connected(a, b)
    const number = { ...at, handle: handle(1, 2), parent: handle(1) }
    await socket.send([
      addQdisc({ ...root, qdisc: { kind: 'htb', defaultClass: 2 } }),
      addClass({ ...number, settings: limited(1000) }),
      changeClass({ ...number, settings: limited(rate) }),
    ])
    const [read] = (await socket.dump(listClasses(20, target))).map(parseClass)
    // A class directly below the discipline reports that as its parent.
    expect(read).toMatchObject({ handle: handle(1, 2), parent: TC_H_ROOT, kind: 'htb' })
    const { burstBytes, ceilBurstBytes, ...exact } = limited(rate)
    expect(read?.settings).toMatchObject(exact)
    // A tick of 64 ns is 800 bytes at the higher rate.
    expect(Math.abs((read?.settings?.burstBytes ?? 0) - burstBytes)).toBeLessThan(1000)
    expect(Math.abs((read?.settings?.ceilBurstBytes ?? 0) - ceilBurstBytes)).toBeLessThan(2000)
    const text = withNetns(a.fd, () => execFileSync('tc', ['class', 'show', 'dev', 'eth0'], { encoding: 'utf8' }))
    expect(text).toContain(rate === 1_250_000 ? 'rate 10Mbit overhead 4 ceil 20Mbit' : 'rate 100Gbit overhead 4')
  })
})

describe.skipIf(!isRoot)('a filter by source address', () => {
  // c ── a (bridge) ── b: frames of c go to class 3 of a's port towards b, others to class 2
  test('takes all frames of the address, IPv4, IPv6 and ARP, and no others', async () => {
    using a = new Scratch()
    using b = new Scratch()
    using c = new Scratch()
    using socket = await connected(a, b)
    const peer = { name: 'eth0', index: 31, mac: '02:00:00:00:00:0c', mtu: 1500, netnsFd: c.fd }
    const rate = { bytesPerSecond: 125_000_000, overheadBytes: 0 }
    const settings = { rate, ceil: rate, burstBytes: 18_750, ceilBurstBytes: 18_750, quantumBytes: 1518 }
    const filter = { ...at, parent: handle(1), priority: 7, mac: peer.mac, classId: handle(1, 3) }
    await socket.send([
      createVeth({ target, name: 'eth1', index: 30, mac: '02:00:00:00:00:0e', mtu: 1500, queues: 1, peer }),
      addQdisc({ ...root, qdisc: { kind: 'htb', defaultClass: 2 } }),
      ...[2, 3].map((minor) => addClass({ ...at, handle: handle(1, minor), parent: handle(1), settings })),
      addSourceFilter(filter),
      setLink({ target, index: 20, up: true }),
      setLink({ target, index: 30, up: true }),
    ])
    a.run('ip link add br0 type bridge mcast_snooping 0 && ip link set br0 up')
    a.run('ip link set eth0 master br0 && ip link set eth1 master br0 && ip address add 10.0.0.1/24 dev br0')
    b.run('ip address add 10.0.0.2/24 dev eth0 && ip link set eth0 up')
    c.run('ip address add 10.0.0.3/24 dev eth0 && ip address add fd00::3/64 dev eth0 nodad && ip link set eth0 up')
    await setTimeout(100)
    const packets = async (minor: number): Promise<number> => {
      const all = (await socket.dump(listClasses(20, target))).map(parseClass)
      return all.find((each) => each.handle === handle(1, minor))?.statistics.packets ?? 0
    }
    const [others, own] = [await packets(2), await packets(3)]
    // ARP asks, and IPv4 and IPv6 frames follow.
    c.run("bash -c 'exec 3<>/dev/udp/10.0.0.2/9; for each in 1 2 3; do echo frame >&3; done'")
    c.run('ip neighbour add fd00::2 lladdr 02:00:00:00:ff:0a dev eth0 nud permanent')
    c.run("bash -c 'exec 3<>/dev/udp/fd00::2/9; for each in 1 2 3; do echo frame >&3 || true; done' || true")
    await setTimeout(50)
    expect((await packets(3)) - own).toBeGreaterThanOrEqual(6)
    // The kernel of c sends multicast listener reports and router solicitations of its own meanwhile: some, never twenty. Refusals by b fail some of the writes.
    const before = await packets(3)
    a.run("bash -c 'exec 3<>/dev/udp/10.0.0.2/9; for each in {1..40}; do echo frame >&3 || true; done'")
    await setTimeout(50)
    expect((await packets(2)) - others).toBeGreaterThanOrEqual(20)
    expect((await packets(3)) - before).toBeLessThan(20)

    const list = async () =>
      (await socket.dump(listFilters(20, handle(1), target))).flatMap((payload) => parseSourceFilter(payload) ?? [])
    const { target: _, ...read } = filter
    expect(await list()).toEqual([read])
    await socket.send([deleteFilters(filter)])
    expect(await list()).toEqual([])
  })
})
