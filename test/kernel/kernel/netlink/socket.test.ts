// The netlink socket at its limits: refusals, full buffers, large batches, answers that never come or come from other senders.
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { RawNetlinkSocket } from 'netlink/dist/raw.js'
import { describe, expect, test, vi } from 'vitest'
import { KernelError } from '../../../../src/errors.js'
import { netlinkPortOf, setsockopt } from '../../../../src/kernel/libc.js'
import { addAddress } from '../../../../src/kernel/netlink/rtnl/address.js'
import { getLink, listLinks, parseLink, setLink } from '../../../../src/kernel/netlink/rtnl/link.js'
import { addNeighbours, NeighbourMessages } from '../../../../src/kernel/netlink/rtnl/neighbour.js'
import type { Request } from '../../../../src/kernel/netlink/rtnl/request.js'
import { addRoute } from '../../../../src/kernel/netlink/rtnl/route.js'
import { createVeth } from '../../../../src/kernel/netlink/rtnl/veth.js'
import { NetlinkSocket } from '../../../../src/kernel/netlink/socket.js'
import { withNetns } from '../../../../src/kernel/netns.js'
import { isRoot, Scratch } from '../../../support/kernel-namespaces.js'
import { ROOT } from '../../../support/lab.js'
import { keepThreadsBusy } from '../../../support/threads.js'

const LO = 1
const address = (number: number): Request =>
  addAddress({
    target: `lo ${number}`,
    index: LO,
    family: 4,
    address: `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}/32`,
  })
const addresses = (count: number): Request[] => Array.from({ length: count }, (_, number) => address(number))
const descriptors = (): Set<number> => new Set(readdirSync('/proc/self/fd').map(Number))

/** Opens a socket. @returns it and the number of its descriptor */
function openKnown(fd: number): { socket: NetlinkSocket; socketFd: number } {
  const before = descriptors()
  const socket = NetlinkSocket.open(fd, { describe: 'n1' })
  const socketFd = [...descriptors()].find((each) => !before.has(each) && netlinkPortOf(each) !== null)
  if (socketFd === undefined) throw new Error('no descriptor')
  return { socket, socketFd }
}

/** Blocks the calling thread. */
function keepBusy(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

const failureOf = (promise: Promise<unknown>): Promise<KernelError> =>
  promise.then(
    () => expect.fail('did not fail'),
    (error) => error,
  )

describe.skipIf(!isRoot)('refusals', () => {
  test('name the request that was refused; the others are carried out', async () => {
    using a = new Scratch()
    using socket = NetlinkSocket.open(a.fd)
    const error = await failureOf(socket.send([address(1), address(2), address(1), address(3)]))
    expect(error).toBeInstanceOf(KernelError)
    expect(error).toMatchObject({ operation: 'add address', target: 'lo 1', errnoName: 'EEXIST' })
    expect(a.ip('address', 'show', 'dev', 'lo')[0].addr_info.map(({ local }: any) => local)).toEqual([
      '10.0.0.1',
      '10.0.0.2',
      '10.0.0.3',
    ])
  })

  test('of several, the first is reported, and nothing of them is left for the next batch', async () => {
    using a = new Scratch()
    using socket = NetlinkSocket.open(a.fd)
    await socket.send(addresses(3))
    expect(await failureOf(socket.send([address(2), address(0), address(1)]))).toMatchObject({ target: 'lo 2' })
    await socket.send([address(7)])
  })

  test('carry the kernel’s own words', async () => {
    using a = new Scratch()
    using socket = NetlinkSocket.open(a.fd)
    await socket.send([setLink({ target: 'lo', index: LO, up: true })])
    const nextHops = [{ gateway: '192.0.2.1', index: LO }]
    const route = addRoute({ target: 'a', protocol: 'static', family: 4, destination: '10.0.0.0/8', nextHops })
    const error = await failureOf(socket.send([route]))
    expect(error).toMatchObject({ operation: 'add route', target: 'a', extack: 'Nexthop has invalid gateway' })
    expect(error.message).toBe('cannot add route (a): ENETUNREACH: Nexthop has invalid gateway')
  })

  test('of questions name the namespace, and requests are checked strictly', async () => {
    using a = new Scratch()
    using socket = NetlinkSocket.open(a.fd, { describe: 'h1' })
    const list = listLinks()
    const malformed: Request = {
      ...list,
      encode: (writer) => {
        writer.buffer.writeInt32LE(1, writer.header(16) + 8)
      },
    }
    const error = await failureOf(socket.dump(malformed))
    expect(error.message).toBe('cannot list links (h1: all): EINVAL: Invalid values in header for link dump request')
    const missing = await failureOf(socket.get(getLink({ target: 'eth9', name: 'eth9' })))
    expect(missing).toMatchObject({ operation: 'read link', target: 'h1: eth9', errnoName: 'ENODEV' })
  })

  test('of one among many neighbours names its address', async () => {
    using a = new Scratch()
    using socket = NetlinkSocket.open(a.fd)
    a.run('ip link set lo up; echo 1 > /proc/sys/net/ipv6/conf/lo/disable_ipv6')
    const mac = '02:00:00:00:00:02'
    const entries = Array.from({ length: 600 }, (_, number) => ({
      address: `10.0.${number >> 8}.${number & 255}`,
      mac,
    }))
    const place = 512
    entries[place] = { address: 'fd00::9', mac }
    const series = addNeighbours({ target: 'n1:lo', index: LO, entries }, new NeighbourMessages())
    const error = await failureOf(socket.send([address(1), series, address(2)]))
    expect(error).toMatchObject({ operation: 'add neighbour', target: 'n1:lo fd00::9', errnoName: 'EINVAL' })
  })

  test('of a veth into a namespace that is none', async () => {
    using a = new Scratch()
    using socket = NetlinkSocket.open(a.fd)
    const end = { name: 'eth0', index: 20, mac: null, mtu: 1500 }
    const veth = createVeth({ ...end, queues: 1, target: 'a:eth0', peer: { ...end, netnsFd: 0 } })
    expect(await failureOf(socket.send([veth]))).toMatchObject({ operation: 'create veth', target: 'a:eth0' })
  })
})

describe.skipIf(!isRoot)('large batches', () => {
  test('5,000 requests, and 5,000 that are refused', async () => {
    using a = new Scratch()
    using socket = NetlinkSocket.open(a.fd)
    await socket.send(addresses(5000))
    expect(a.ip('address', 'show', 'dev', 'lo')[0].addr_info).toHaveLength(5000)
    expect(await failureOf(socket.send(addresses(5000)))).toMatchObject({ errnoName: 'EEXIST', target: 'lo 0' })
  })

  test('a dump larger than many datagrams', async () => {
    using a = new Scratch()
    using b = new Scratch()
    using socket = NetlinkSocket.open(a.fd)
    const names = Array.from({ length: 100 }, (_, number) => `eth${number}`)
    const veths = names.map((name, number) => {
      const end = { name, index: 20 + number, mac: null, mtu: 1500 }
      return createVeth({ ...end, queues: 1, target: name, peer: { ...end, netnsFd: b.fd } })
    })
    await socket.send(veths)
    expect((await socket.dump(listLinks())).map((link) => parseLink(link).name)).toEqual(['lo', ...names])
  })

  test('none is no work', async () => {
    using socket = NetlinkSocket.open(null)
    await socket.send([])
  })
})

describe.skipIf(!isRoot)('the socket', () => {
  test('reports answers that did not fit into its receive buffer', async () => {
    using a = new Scratch()
    const { socket, socketFd } = openKnown(a.fd)
    using _ = socket
    await socket.send([address(1)])
    const SOL_SOCKET = 1
    const SO_RCVBUF = 8
    setsockopt(socketFd, SOL_SOCKET, SO_RCVBUF, 1, 'SO_RCVBUF')
    const refused = Array.from({ length: 60 }, () => address(1))
    const failed = failureOf(socket.send(refused))
    // This thread reads nothing while another thread writes.
    keepBusy(200)
    const error = await failed
    expect(error).toMatchObject({ operation: 'read from', target: 'n1: netlink socket', errnoName: 'ENOBUFS' })
    await expect(socket.send([address(2)])).rejects.toMatchObject({ errnoName: 'ENOBUFS' })
  })

  test('does not take a process that was busy for long for a lost answer', async () => {
    using a = new Scratch()
    using socket = NetlinkSocket.open(a.fd)
    const sent = socket.send([address(1)])
    keepBusy(1500)
    await sent
  })

  test('does not take a thread that comes late for a lost answer', async () => {
    using a = new Scratch()
    using socket = NetlinkSocket.open(a.fd)
    const busy = keepThreadsBusy(8)
    await socket.send([address(1)])
    await busy
    await socket.send([address(2)])
  })

  test('does not take the timer of one exchange for that of the next, which waits for a thread', async () => {
    using a = new Scratch()
    using socket = NetlinkSocket.open(a.fd)
    await socket.send([address(1)])
    await socket.dump(listLinks())
    await setTimeout(900)
    const busy = keepThreadsBusy(5)
    await socket.send([address(2)])
    await busy
  })

  test('leaves its descriptor to nobody else while a thread is to write to it', async () => {
    using a = new Scratch()
    const { socket, socketFd } = openKnown(a.fd)
    const busy = keepThreadsBusy(2)
    const waiting = failureOf(socket.send([address(1)]))
    socket[Symbol.dispose]()
    expect(await waiting).toMatchObject({ code: 'INTERNAL' })
    await setTimeout(10)
    expect(descriptors()).toContain(socketFd)
    await busy
    await vi.waitFor(() => expect(descriptors()).not.toContain(socketFd))
  })

  test('has nothing done that waits for a thread when it is closed, and waits until nothing is', async () => {
    using a = new Scratch()
    const { socket, socketFd } = openKnown(a.fd)
    const busy = keepThreadsBusy(2)
    const waiting = failureOf(socket.send([address(1)]))
    await socket[Symbol.asyncDispose]()
    expect(descriptors()).not.toContain(socketFd)
    expect(await waiting).toMatchObject({ code: 'INTERNAL' })
    await busy
    expect(a.ip('address', 'show', 'dev', 'lo')[0]?.addr_info ?? []).toEqual([])
  })

  test('listens to nobody but the kernel', async () => {
    using a = new Scratch()
    const { socket, socketFd } = openKnown(a.fd)
    using _ = socket
    const forger = withNetns(a.fd, () => new RawNetlinkSocket(0))
    try {
      const refusal = Buffer.alloc(36)
      refusal.writeUInt32LE(36, 0)
      refusal.writeUInt16LE(2, 4) // NLMSG_ERROR
      refusal.writeUInt32LE(1, 8) // the sequence number of a socket's first request
      refusal.writeInt32LE(-constants.errno.EPERM, 16)
      forger.send(refusal, { port: netlinkPortOf(socketFd) ?? 0 })
      await socket.send([address(1)])
    } finally {
      forger.close()
    }
  })

  test('does one exchange at a time', async () => {
    using socket = NetlinkSocket.open(null)
    const first = socket.dump(listLinks())
    await expect(socket.dump(listLinks())).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(await first).not.toHaveLength(0)
  })

  test('leaves nobody waiting when it is closed, and refuses work afterwards', async () => {
    const socket = NetlinkSocket.open(null)
    const waiting = failureOf(socket.dump(listLinks()))
    socket[Symbol.dispose]()
    socket[Symbol.dispose]()
    expect(await waiting).toMatchObject({ code: 'INTERNAL' })
    await expect(socket.send([address(1)])).rejects.toMatchObject({ code: 'INTERNAL' })
  })

  test('closes its descriptor', async () => {
    using a = new Scratch()
    const before = descriptors()
    for (let i = 0; i < 20; i++) {
      using socket = NetlinkSocket.open(a.fd)
      await socket.dump(listLinks())
    }
    expect(descriptors()).toEqual(before)
  })

  test('keeps a process alive while an answer is due, and not longer', () => {
    const built = JSON.stringify(join(ROOT, 'dist/kernel/netlink'))
    const script = `
      import { NetlinkSocket } from ${built.slice(0, -1)}/socket.js"
      import { listLinks } from ${built.slice(0, -1)}/rtnl/link.js"
      const socket = NetlinkSocket.open(null)
      socket.dump(listLinks()).then((links) => console.log(links.length > 0))`
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 10_000 })
    expect(printed.toString()).toBe('true\n')
  })
})

test('an error between two exchanges is what the next one fails with', async () => {
  using socket = NetlinkSocket.open(null)
  // As the kernel reports an overflow of the receive buffer.
  const { raw } = socket as unknown as { raw: { emit(event: string, error: { errno: number }): void } }
  raw.emit('error', { errno: -constants.errno.ENOBUFS })
  await expect(socket.dump(listLinks())).rejects.toMatchObject({ code: 'KERNEL_REFUSED', errnoName: 'ENOBUFS' })
})
