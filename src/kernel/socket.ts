// A route netlink socket in a network namespace: sends batches, reads acknowledgements and dumps, turns what the kernel
// refuses into errors with its own words. The only importer of `netlink`.
import { closeSync, openSync, readdirSync } from 'node:fs'
import { constants } from 'node:os'
import { RawNetlinkSocket } from 'netlink/dist/raw.js'
import { KernelError, LabError } from '../errors.js'
import { netlinkPortOf, setSocketOption } from './libc.js'
import { type NetnsSwitch, withNetns } from './netns.js'
import { Acknowledgements } from './rtnl/acknowledgement.js'
import { NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR } from './rtnl/constants.js'
import type { Request } from './rtnl/request.js'
import { align, MessageWriter, WriterFull } from './rtnl/writer.js'

const NETLINK_ROUTE = 0
/** Socket options of netlink(7) and linux/netlink.h. */
const SOL_NETLINK = 270
const NETLINK_CAP_ACK = 10
const NETLINK_EXT_ACK = 11
const NETLINK_GET_STRICT_CHK = 12

/** The kernel answers a dump in pieces no larger than what is read at once, if that is at least a page. */
const RECEIVE_BYTES = 8192
/** One datagram at most: far below the default send buffer. */
const DATAGRAM_BYTES = 16_384
/** Acknowledgements on their way at once: each takes about 800 bytes of the receive buffer (212,992 by default). */
const WINDOW = 96
/** A dump that the kernel says was interrupted by changes is read again, this often at most. */
const DUMP_TRIES = 5

/** What the socket is busy with. */
interface Exchange {
  receive: (type: number, flags: number, sequence: number, payload: Buffer) => void
  fail: (error: unknown) => void
}

/** One socket; it stays in the namespace it was opened in. The owner disposes of it. One exchange at a time. */
export class RouteSocket implements Disposable {
  private readonly encoded = Buffer.allocUnsafe(DATAGRAM_BYTES)
  private sequence = 1
  private exchange: Exchange | null = null

  private constructor(
    private readonly raw: RawNetlinkSocket,
    private readonly description: string,
  ) {
    raw.unref()
    raw.on('message', (bytes) => this.receive(bytes))
    raw.on('truncatedMessage', () =>
      this.fail(new LabError('INTERNAL', `${description}: a netlink answer was cut off`)),
    )
    raw.on('error', (error) => this.fail(this.kernelError('read from', 'netlink socket', Math.abs(error.errno ?? 0))))
  }

  /**
   * Opens a socket in a network namespace.
   *
   * @param netnsFd an open descriptor of it; null for the caller's own
   * @param options `home` saves opening the caller's own namespace each time; `describe` names it in errors
   * @throws KernelError when the namespace cannot be entered or the socket not be made.
   */
  static open(netnsFd: number | null, options: { home?: NetnsSwitch; describe?: string } = {}): RouteSocket {
    const { home, describe = 'netlink' } = options
    const open = () => openRaw()
    const raw = netnsFd === null ? open() : home ? home.in(netnsFd, open) : withNetns(netnsFd, open)
    return new RouteSocket(raw, describe)
  }

  /**
   * Sends requests in order, many a datagram; resolves when the kernel has carried out all of them.
   *
   * @throws KernelError for the first that was refused, with the kernel's own text. Requests behind it may have been
   * carried out.
   */
  async send(requests: readonly Request[]): Promise<void> {
    for (let next = 0; next < requests.length; ) next = await this.sendWindow(requests, next)
  }

  /** Payloads of everything a dump request lists. @throws KernelError. */
  async dump(request: Request): Promise<Buffer[]> {
    for (let tries = 1; ; tries++) {
      const { payloads, interrupted } = await this.dumpOnce(request)
      if (!interrupted || tries === DUMP_TRIES) return payloads
    }
  }

  [Symbol.dispose](): void {
    this.raw.close()
  }

  /** Sends as many requests as fit into one datagram and one window; returns where the next one begins. */
  private sendWindow(requests: readonly Request[], from: number): Promise<number> {
    const first = this.sequence
    const { count, bytes } = this.encode(requests, from)
    const waiting = new Acknowledgements(first, count)
    return this.run(bytes, (resolve, reject) => ({
      fail: reject,
      receive: (type, flags, sequence, payload) => {
        if (type !== NLMSG_ERROR || !waiting.take(flags, sequence, payload)) return
        if (!waiting.complete) return
        const { failure } = waiting
        const request = failure && requests[from + failure.index]
        if (failure && request) reject(new KernelError({ ...request, errno: failure.errno, extack: failure.extack }))
        else resolve(from + count)
      },
    }))
  }

  private dumpOnce(request: Request): Promise<{ payloads: Buffer[]; interrupted: boolean }> {
    const own = this.sequence
    const { bytes } = this.encode([request], 0)
    const payloads: Buffer[] = []
    let interrupted = false
    return this.run(bytes, (resolve, reject) => ({
      fail: reject,
      receive: (type, flags, sequence, payload) => {
        if (sequence !== own) return
        if (flags & NLM_F_DUMP_INTR) interrupted = true
        if (type === NLMSG_DONE || type === NLMSG_ERROR) {
          const errno = payload.length >= 4 ? -payload.readInt32LE(0) : 0
          if (errno > 0) reject(this.kernelError(request.operation, request.target, errno))
          else resolve({ payloads, interrupted })
        } else {
          payloads.push(payload)
        }
      },
    }))
  }

  /** Starts an exchange by sending bytes; the event loop is kept alive until it is settled. */
  private async run<T>(
    bytes: Buffer,
    exchange: (resolve: (value: T) => void, reject: (error: unknown) => void) => Exchange,
  ): Promise<T> {
    if (this.exchange) throw new LabError('INTERNAL', `${this.description}: the netlink socket is busy`)
    this.raw.ref()
    try {
      return await new Promise<T>((resolve, reject) => {
        this.exchange = exchange(resolve, reject)
        this.raw.send(bytes, undefined, (error) => {
          if (error) reject(this.kernelError('send to', 'netlink socket', Math.abs(error.errno)))
        })
      })
    } finally {
      this.exchange = null
      this.raw.unref()
    }
  }

  /** Writes requests from `from` on, each with the next sequence number, until the datagram or the window is full. */
  private encode(requests: readonly Request[], from: number): { count: number; bytes: Buffer } {
    const writer = new MessageWriter(this.encoded)
    let count = 0
    for (let at = from; at < requests.length && count < WINDOW; at++, count++) {
      const whole = writer.length
      try {
        const { type, flags, encode } = requests[at] as Request
        const start = writer.begin(type, flags, this.sequence)
        encode(writer)
        writer.end(start)
      } catch (error) {
        if (!(error instanceof WriterFull) || count === 0) throw error
        writer.length = whole
        break
      }
      this.sequence = (this.sequence + 1) >>> 0
    }
    return { count, bytes: this.encoded.subarray(0, writer.length) }
  }

  private receive(bytes: Buffer): void {
    for (let at = 0; at + 16 <= bytes.length; ) {
      const length = bytes.readUInt32LE(at)
      if (length < 16 || at + length > bytes.length) return
      const payload = bytes.subarray(at + 16, at + length)
      this.exchange?.receive(
        bytes.readUInt16LE(at + 4),
        bytes.readUInt16LE(at + 6),
        bytes.readUInt32LE(at + 8),
        payload,
      )
      at += align(length)
    }
  }

  private fail(error: unknown): void {
    this.exchange?.fail(error)
  }

  private kernelError(operation: string, target: string, errno: number): KernelError {
    return new KernelError({ operation, target: `${this.description}: ${target}`, errno })
  }
}

/** Synchronous, so that it can be done in another namespace. */
function openRaw(): RawNetlinkSocket {
  const likely = lowestFreeDescriptor()
  const raw = new RawNetlinkSocket(NETLINK_ROUTE, {
    messagePeeking: false,
    msgBufferSize: RECEIVE_BYTES,
  } as ConstructorParameters<typeof RawNetlinkSocket>[1])
  try {
    const fd = descriptorOf(raw.address().port >>> 0, likely)
    for (const option of [NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK]) setOption(fd, option)
    return raw
  } catch (error) {
    raw.close()
    throw error
  }
}

/** Kernels before 4.12 (EXT_ACK) and 4.20 (STRICT_CHK) lack an option; then errors say less, and that is all. */
function setOption(fd: number, option: number): void {
  try {
    setSocketOption(fd, SOL_NETLINK, option, 1)
  } catch (error) {
    if (!(error instanceof KernelError) || error.errno !== constants.errno.ENOPROTOOPT) throw error
  }
}

function lowestFreeDescriptor(): number {
  const fd = openSync('/dev/null', 'r')
  closeSync(fd)
  return fd
}

/** The package does not tell the descriptor. It is the lowest that was free; its port id proves it. */
function descriptorOf(port: number, likely: number): number {
  if (netlinkPortOf(likely) === port) return likely
  const found = readdirSync('/proc/self/fd')
    .map(Number)
    .find((fd) => netlinkPortOf(fd) === port)
  if (found === undefined) throw new LabError('INTERNAL', 'the descriptor of a netlink socket cannot be found')
  return found
}
