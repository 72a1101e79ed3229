// A netlink socket in a network namespace, of route netlink unless another protocol is asked for: sends batches, reads
// acknowledgements and dumps, turns what the kernel refuses into errors with its own words. The only importer of `netlink`.
import { closeSync, openSync, write } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import type { RawNetlinkSocket } from 'netlink/dist/raw.js'
import { KernelError, LabError } from '../../errors.js'
import { lackText, remedyText } from '../../features.js'
import { attempt } from '../attempt.js'
import { netlinkPortOf, setsockopt } from '../libc.js'
import { type NetnsSwitch, withNetns } from '../netns.js'
import { lackedKind } from './rtnl/kind.js'
import { type Refusal, Replies } from './rtnl/replies.js'
import type { Request } from './rtnl/request.js'
import { MessageWriter, WriterFull } from './rtnl/writer.js'

const NETLINK_ROUTE = 0
/** Socket options of netlink(7) and linux/netlink.h, and the kernel that brought each. */
const SOL_NETLINK = 270
const OPTIONS: readonly [name: string, value: number][] = [
  // 2.6.30. Without it, an overflow of the receive buffer is an error that the package answers with abort(3).
  ['NETLINK_NO_ENOBUFS', 5],
  ['NETLINK_CAP_ACK', 10], // 4.3
  ['NETLINK_EXT_ACK', 11], // 4.12
  ['NETLINK_GET_STRICT_CHK', 12], // 4.20
]

/**
 * Read at once: the kernel makes the pieces of a dump this large, up to 32 KiB. Each read costs a fresh buffer of zeros.
 * A single link with more attributes than this (dozens of alternative names) is an error.
 */
const RECEIVE_BYTES = 8192
/** One datagram at most: far below the default send buffer. */
const DATAGRAM_BYTES = 16_384
/** Requests a datagram, at most; should all be refused, the refusals must fit into the receive buffer. */
const WINDOW = 96
/** What a refusal takes of the receive buffer, generously: 768 or 1,280 bytes (skb->truesize) with a text. */
const REFUSAL_BYTES = 2048
/**
 * The kernel answers before sendmsg(2) or write(2) returns. What has not come this long after it did, and two rounds of
 * the event loop, was dropped, since the receive buffer was full.
 */
const ANSWER_TIMEOUT_MS = 1000
/** A dump that the kernel says was interrupted by changes is read again, this often at most. */
const DUMP_TRIES = 10
/** Another thread may take the descriptor that a socket is expected to get. */
const OPEN_TRIES = 20

/** The batch that the socket is busy with. */
interface Exchange {
  replies: Replies
  resolve: (replies: Replies) => void
  reject: (error: LabError) => void
  /** Nothing came since the timer rang. */
  silent: boolean
}

/**
 * One socket; it stays in the namespace it was opened in, and keeps the event loop alive only while an answer is due.
 * One exchange at a time. The owner disposes of it; where a request names a descriptor and may not be answered yet, with
 * `await`, and closes that descriptor afterwards.
 */
export class NetlinkSocket implements Disposable, AsyncDisposable {
  private readonly encoded = Buffer.allocUnsafe(DATAGRAM_BYTES)
  private sequence = 1
  private exchange: Exchange | null = null
  private closed = false
  /** Threads that are writing to the descriptor, which must not be another's meanwhile, or are to do so. */
  private writers = 0
  /** Told when the last of them is done. */
  private readonly onIdle: (() => void)[] = []
  private readonly window: number
  /** Made for the first answer that is waited for, and wound up again for each; stopped when the socket is closed. */
  private timer: NodeJS.Timeout | null = null

  private constructor(
    private readonly raw: RawNetlinkSocket,
    private readonly fd: number,
    private readonly description: string,
  ) {
    this.window = Math.max(1, Math.min(WINDOW, Math.floor(raw.getRecvBufferSize() / REFUSAL_BYTES)))
    raw.unref()
    raw.on('message', (bytes, { port }) => this.receive(bytes, port))
    raw.on('truncatedMessage', () => this.close(this.internalError('an answer was cut off')))
    raw.on('error', ({ errno }) => this.close(this.socketError('read from', errno)))
  }

  /**
   * Opens a socket in a network namespace.
   *
   * @param netnsFd an open descriptor of it; null for the caller's own
   * @param options `home` saves opening the caller's own namespace each time; `describe` names it in errors; `protocol`
   * is one of netlink(7)
   * @throws KernelError when the namespace cannot be entered or the socket not be made.
   */
  static open(
    netnsFd: number | null,
    options: { home?: NetnsSwitch; describe?: string; protocol?: number } = {},
  ): NetlinkSocket {
    const { home, describe = 'netlink', protocol = NETLINK_ROUTE } = options
    const open = () => openRaw(protocol)
    const { raw, fd } = netnsFd === null ? open() : home ? home.in(netnsFd, open) : withNetns(netnsFd, open)
    return new NetlinkSocket(raw, fd, describe)
  }

  /**
   * Sends requests in order, many a datagram; resolves when the kernel has carried out all of them. It does so before
   * write(2) returns, and so in a thread of its own: meanwhile this one encodes for other sockets.
   *
   * @throws KernelError for the first that was refused, with the kernel's own text. Requests behind it may have been
   * carried out.
   */
  async send(requests: readonly Request[]): Promise<void> {
    for (let next = 0; next < requests.length; ) {
      const { count, replies } = await this.ask(requests, next, (bytes) => this.sendFromThread(bytes))
      const { refusal } = replies
      if (refusal) throw refused(requests[next + refusal.index] as Request, refusal)
      next += count
    }
  }

  /**
   * Bodies of all messages that a dump request lists.
   *
   * @throws KernelError; with EINTR when what is listed changes faster than it can be read.
   */
  async dump(request: Request): Promise<Buffer[]> {
    for (let tries = 0; tries < DUMP_TRIES; tries++) {
      const { payloads, interrupted } = await this.askOne(request)
      if (!interrupted) return payloads
    }
    const hint = 'it changes faster than it can be read; try again'
    throw new KernelError({ ...this.named(request), errno: constants.errno.EINTR, hint })
  }

  /** The body of the one message that answers a request. @throws KernelError. */
  async get(request: Request): Promise<Buffer> {
    const [answer] = (await this.askOne(request)).payloads
    if (!answer) throw this.internalError(`no answer to ${request.operation}`)
    return answer
  }

  [Symbol.dispose](): void {
    this.close(this.internalError('closed before the answer came'))
  }

  /** The same, and resolves when the kernel is not carrying out any request. */
  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]()
    if (this.writers > 0) await new Promise<void>((resolve) => this.onIdle.push(resolve))
  }

  /** Also after an error of the socket itself: what would still come, or not, cannot be known. */
  private close(reason: LabError): void {
    if (this.closed) return
    this.closed = true
    clearTimeout(this.timer ?? undefined)
    if (this.writers === 0) this.raw.close()
    // A thread that comes to it later sends messages without length, which the kernel takes for none.
    else this.encoded.fill(0)
    this.end()?.reject(reason)
  }

  private async askOne(request: Request): Promise<Replies> {
    const { replies } = await this.ask([request], 0, (bytes) => this.sendHere(bytes))
    if (replies.refusal) throw refused({ ...request, ...this.named(request) }, replies.refusal)
    return replies
  }

  /** A question names what it asks for; which namespace it asks, the socket knows. */
  private named({ operation, target }: Request): { operation: string; target: string } {
    return { operation, target: `${this.description}: ${target}` }
  }

  /** Sends as many requests from `from` on as fit into one datagram and one window, and waits for the answers. */
  private async ask(
    requests: readonly Request[],
    from: number,
    send: (bytes: Buffer) => void,
  ): Promise<{ count: number; replies: Replies }> {
    if (this.closed) throw this.internalError('closed')
    if (this.exchange) throw this.internalError('busy')
    const first = this.sequence
    const { count, bytes } = this.encode(requests, from)
    const replies = await new Promise<Replies>((resolve, reject) => {
      this.exchange = { replies: new Replies(first, count), resolve, reject, silent: false }
      this.raw.ref()
      send(bytes)
    })
    return { count, replies }
  }

  private sendHere(bytes: Buffer): void {
    this.raw.send(bytes, undefined, (error) => this.onSent(error))
    this.windUp()
  }

  private sendFromThread(bytes: Buffer): void {
    this.writers++
    write(this.fd, bytes, (error) => {
      this.writers--
      if (this.closed && this.writers === 0) this.raw.close()
      if (this.writers === 0) for (const tell of this.onIdle.splice(0)) tell()
      this.onSent(error)
      // Not before: with many sockets, it may wait for a thread longer than any answer takes.
      if (this.exchange) this.windUp()
    })
  }

  private onSent(error: NodeJS.ErrnoException | null | undefined): void {
    if (error) this.close(this.socketError('send to', error.errno))
  }

  private windUp(): void {
    this.timer = this.timer?.refresh() ?? setTimeout(() => this.listenOnceMore(), ANSWER_TIMEOUT_MS).unref()
  }

  /** When the process was busy for long, the timer rings before answers are read that are there. */
  private listenOnceMore(): void {
    const { exchange } = this
    // It may be the next one already, wound up for the one before: that waits for a thread.
    if (!exchange || this.writers > 0) return
    exchange.silent = true
    setImmediate(() =>
      setImmediate(() => {
        if (exchange !== this.exchange || !exchange.silent) return
        this.close(this.socketError('read from', constants.errno.ENOBUFS))
      }),
    )
  }

  /**
   * Writes requests, each with the next sequence number, until the datagram or the window is full. Only the last asks
   * for an acknowledgement; see Replies.
   */
  private encode(requests: readonly Request[], from: number): { count: number; bytes: Buffer } {
    const writer = new MessageWriter(this.encoded)
    let last = 0
    let count = 0
    for (let at = from; at < requests.length && count < this.window; at++, count++) {
      const start = writer.length
      try {
        const request = requests[at] as Request
        writer.begin(request.type, request.flags, this.sequence)
        request.encode(writer)
        writer.end(start)
      } catch (error) {
        if (!(error instanceof WriterFull) || count === 0) throw error
        writer.length = start
        break
      }
      last = start
      this.sequence = (this.sequence + 1) >>> 0
    }
    writer.acknowledge(last)
    return { count, bytes: this.encoded.subarray(0, writer.length) }
  }

  private receive(bytes: Buffer, port: number): void {
    const { exchange } = this
    // Root in a node can send to this socket as well; only the kernel has port 0.
    if (port !== 0 || !exchange) return
    exchange.silent = false
    this.timer?.refresh()
    exchange.replies.takeDatagram(bytes)
    if (exchange.replies.complete) this.end()?.resolve(exchange.replies)
  }

  /** Ends the exchange, if there is one; the caller settles it. */
  private end(): Exchange | null {
    const { exchange } = this
    this.exchange = null
    if (exchange && !this.closed) this.raw.unref()
    return exchange
  }

  private socketError(operation: string, errno: number | undefined): KernelError {
    return new KernelError({ operation, target: `${this.description}: netlink socket`, errno: Math.abs(errno ?? 0) })
  }

  private internalError(what: string): LabError {
    return new LabError('INTERNAL', `netlink socket of ${this.description}: ${what}`)
  }
}

function refused(request: Request, { errno, extack }: Refusal): KernelError {
  const { operation, target } = request
  const failure = { operation, target, errno, extack }
  const lacked = lackedKind(request, { errno, extack })
  if (!lacked) return new KernelError(failure)
  const { table, name, option } = lacked
  return new KernelError({ ...failure, lack: lackText(table, name, option), hint: remedyText(table, name, option) })
}

/** Synchronous, so that it can be done in another namespace. */
function openRaw(protocol: number): { raw: RawNetlinkSocket; fd: number } {
  for (let tries = 0; tries < OPEN_TRIES; tries++) {
    const expected = lowestFreeDescriptor()
    const raw = newRaw(protocol)
    // The package does not tell the descriptor. It is the lowest that was free; the port id proves it.
    if (netlinkPortOf(expected) === raw.address().port >>> 0) return { raw: withOptions(raw, expected), fd: expected }
    raw.close()
  }
  throw new LabError('INTERNAL', 'the descriptor of a netlink socket cannot be found')
}

/** Loaded once, at the first call (8 ms); constant from then on. */
let loaded: typeof RawNetlinkSocket | undefined

const rawNetlinkSocket = (): typeof RawNetlinkSocket =>
  (loaded ??= createRequire(import.meta.url)('netlink/dist/raw.js').RawNetlinkSocket as typeof RawNetlinkSocket)

function newRaw(protocol: number): RawNetlinkSocket {
  const Raw = rawNetlinkSocket()
  const options = { messagePeeking: false, msgBufferSize: RECEIVE_BYTES }
  try {
    // The typings ask for options that are none of the constructor's business.
    return new Raw(protocol, options as ConstructorParameters<typeof Raw>[1])
  } catch (cause) {
    const { errno } = cause as NodeJS.ErrnoException
    if (errno === undefined) throw cause
    throw new KernelError({ operation: 'open', target: 'netlink socket', errno: Math.abs(errno) }, { cause })
  }
}

function lowestFreeDescriptor(): number {
  const fd = attempt('open a descriptor', '/dev/null', () => openSync('/dev/null', 'r'))
  closeSync(fd)
  return fd
}

/** An older kernel lacks an option; then its errors say less, and that is all. */
function withOptions(raw: RawNetlinkSocket, fd: number): RawNetlinkSocket {
  try {
    for (const [name, value] of OPTIONS) setsockoptIfKnown(fd, name, value)
    return raw
  } catch (error) {
    raw.close()
    throw error
  }
}

function setsockoptIfKnown(fd: number, name: string, option: number): void {
  try {
    setsockopt(fd, SOL_NETLINK, option, 1, name)
  } catch (error) {
    if (!(error instanceof KernelError) || error.errno !== constants.errno.ENOPROTOOPT) throw error
  }
}
