// A netlink socket in a network namespace: sends batches of requests, reads acknowledgements and dumps with a time limit, and
// turns refusals into errors with the kernel's own text. How the socket is opened is in raw-socket.ts.
import { write } from 'node:fs'
import { constants } from 'node:os'
import { KernelError, LabError } from '../../errors.js'
import { lackText, remedyText } from '../../features.js'
import { ioctl } from '../libc.js'
import { type HomeNetns, withNetns } from '../netns.js'
import { encodeBatch, type Position, requestOf } from './encode-batch.js'
import { openRawSocket, type RawSocket } from './raw-socket.js'
import type { Refusal } from './rtnl/answers.js'
import { lackedKind } from './rtnl/kind.js'
import { Replies } from './rtnl/replies.js'
import type { Request, Series } from './rtnl/request.js'

const NETLINK_ROUTE = 0
/** linux/sockios.h, Linux 4.10: a descriptor of the network namespace of a socket. */
const SIOCGSKNS = 0x894c
/** Longest datagram: far below the default send buffer. */
const DATAGRAM_BYTES = 16_384
/** Upper bound for the receive buffer that one refusal takes: 768 or 1,280 bytes (skb->truesize) with a text. */
const REFUSAL_BYTES = 2048
/**
 * The kernel answers before sendmsg(2) or write(2) returns. An answer that is not there this long after the call returned, and
 * two rounds of the event loop later, was dropped because the receive buffer was full.
 */
const ANSWER_TIMEOUT_MS = 1000
/** A dump that was interrupted by changes (NLM_F_DUMP_INTR) is read again, at most this often. */
const DUMP_TRIES = 10

const BEGINNING: Position = { index: 0, place: 0 }

/** The batch that was sent and is not fully answered yet. */
interface Exchange {
  replies: Replies
  resolve: (replies: Replies) => void
  reject: (error: LabError) => void
  /** Whether no datagram has come since the timer expired. */
  silent: boolean
}

/**
 * One socket. It stays in the namespace it was opened in, and keeps the event loop alive only while an answer is due. It runs
 * one exchange at a time: a second call before the first has settled is an INTERNAL error. The owner disposes of it. If a
 * request names a file descriptor and may still be unanswered, the owner disposes of the socket with `await using`, and
 * closes that descriptor afterwards.
 */
export class NetlinkSocket implements Disposable, AsyncDisposable {
  private readonly encoded = Buffer.allocUnsafe(DATAGRAM_BYTES)
  private sequence = 1
  private exchange: Exchange | null = null
  /** Why the socket was closed; null while it is open. */
  private closedBy: LabError | null = null
  /** Writes that are queued or under way in other threads. The descriptor stays open until they are done. */
  private writers = 0
  /** Called when the last of these writes is done. */
  private readonly onIdle: (() => void)[] = []
  private readonly raw: RawSocket['raw']
  private readonly fd: number
  /** Most requests in one datagram: if the kernel refuses all of them, the refusals must fit into the receive buffer. */
  private readonly window: number
  /** One timer for all answers, started anew for each; stopped when the socket is closed. */
  private timer: NodeJS.Timeout | null = null

  private constructor(
    { raw, fd }: RawSocket,
    private readonly description: string,
  ) {
    this.raw = raw
    this.fd = fd
    this.window = Math.max(1, Math.floor(raw.getRecvBufferSize() / REFUSAL_BYTES))
    raw.unref()
    raw.on('message', (bytes, { port }) => this.receive(bytes, port))
    raw.on('truncatedMessage', () => this.close(this.internalError('an answer was cut off')))
    raw.on('error', ({ errno }) => this.close(this.socketError('read from', errno)))
  }

  /**
   * Opens a socket in a network namespace.
   *
   * @param netnsFd an open descriptor of the namespace, which the caller closes; null for the caller's own namespace
   * @param options `home` saves opening the caller's own namespace each time; `describe` names the namespace in errors;
   * `protocol` is one of netlink(7), NETLINK_ROUTE by default
   * @throws KernelError when the namespace cannot be entered or the socket cannot be made.
   */
  static open(
    netnsFd: number | null,
    options: { home?: HomeNetns; describe?: string; protocol?: number } = {},
  ): NetlinkSocket {
    const { home, describe = 'netlink', protocol = NETLINK_ROUTE } = options
    const open = () => openRawSocket(protocol)
    const socket = netnsFd === null ? open() : home ? home.visit(netnsFd, open) : withNetns(netnsFd, open)
    return new NetlinkSocket(socket, describe)
  }

  /**
   * Sends requests in order, many in each datagram; resolves when the kernel has carried out all of them. The kernel carries
   * them out before write(2) returns, so write(2) runs in a thread of the pool while this thread encodes for other sockets.
   *
   * @throws KernelError for the first request that was refused, with the kernel's own text. Requests after it may have been
   * carried out.
   */
  async send(requests: readonly (Request | Series)[]): Promise<void> {
    for (let from = BEGINNING; from.index < requests.length; ) {
      const { next, replies } = await this.ask(requests, from, (bytes) => this.sendFromThread(bytes))
      const { refusal } = replies
      if (refusal) throw refusalError(requestOf(requests, from, refusal.index), refusal)
      from = next
    }
  }

  /**
   * Sends requests in order, as `send`, and goes on after those that are refused.
   *
   * @returns for each, null when the kernel has carried it out, else its refusal
   * @throws KernelError when the socket fails
   */
  async sendEach(requests: readonly Request[]): Promise<(KernelError | null)[]> {
    const results: (KernelError | null)[] = requests.map(() => null)
    for (let from = BEGINNING; from.index < requests.length; ) {
      const { next, replies } = await this.ask(requests, from, (bytes) => this.sendFromThread(bytes))
      for (const refusal of replies.refusals) {
        const at = from.index + refusal.index
        results[at] = refusalError(requests[at] as Request, refusal)
      }
      from = next
    }
    return results
  }

  /**
   * Sends a dump request. @returns the bodies of all messages that answer it
   *
   * @throws KernelError, with EINTR when the kernel's list changes faster than it can be read.
   */
  async dump(request: Request): Promise<Buffer[]> {
    for (let tries = 0; tries < DUMP_TRIES; tries++) {
      const { payloads, interrupted } = await this.askOne(request)
      if (!interrupted) return payloads
    }
    const hint = 'it changes faster than it can be read; try again'
    throw new KernelError({ ...this.describe(request), errno: constants.errno.EINTR, hint })
  }

  /** Sends a request. @returns the body of the one message that answers it @throws KernelError. */
  async get(request: Request): Promise<Buffer> {
    const [answer] = (await this.askOne(request)).payloads
    if (!answer) throw this.internalError(`no answer to ${request.operation}`)
    return answer
  }

  /** Opens the network namespace that the socket is in (SIOCGSKNS). The caller closes the descriptor. @throws KernelError */
  openNetns(): number {
    return ioctl(this.fd, SIOCGSKNS, 'open the network namespace of', this.description)
  }

  /** Resolves when no thread writes any more, so that descriptors which requests name can be closed. */
  async idle(): Promise<void> {
    if (this.writers > 0) await new Promise<void>((resolve) => this.onIdle.push(resolve))
  }

  [Symbol.dispose](): void {
    this.close(this.internalError('closed'))
  }

  /** Closes the socket and resolves when the kernel carries out no request of it any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]()
    await this.idle()
  }

  /** Also called after an error of the socket: nobody can tell then which answers would still come. */
  private close(reason: LabError): void {
    if (this.closedBy) return
    this.closedBy = reason
    clearTimeout(this.timer ?? undefined)
    if (this.writers === 0) this.raw.close()
    // A thread that writes later sends messages of length 0, which the kernel ignores.
    else this.encoded.fill(0)
    this.endExchange()?.reject(reason)
  }

  private async askOne(request: Request): Promise<Replies> {
    const { replies } = await this.ask([request], BEGINNING, (bytes) => this.sendHere(bytes))
    if (replies.refusal) throw refusalError({ ...request, ...this.describe(request) }, replies.refusal)
    return replies
  }

  /** Puts the name of the namespace, which a question itself does not have, into the target of an error. */
  private describe({ operation, target }: Request): { operation: string; target: string } {
    return { operation, target: `${this.description}: ${target}` }
  }

  /** Sends the requests from `from` on that fit into one datagram and one window, and waits for the answers. */
  private async ask(
    requests: readonly (Request | Series)[],
    from: Position,
    send: (bytes: Buffer) => void,
  ): Promise<{ next: Position; replies: Replies }> {
    if (this.closedBy) throw this.closedBy
    if (this.exchange) throw this.internalError('busy')
    const first = this.sequence
    const { count, bytes, next } = encodeBatch(this.encoded, requests, from, this.window, first)
    this.sequence = (first + count) >>> 0
    const replies = await new Promise<Replies>((resolve, reject) => {
      this.exchange = { replies: new Replies(first, count), resolve, reject, silent: false }
      this.raw.ref()
      send(bytes)
    })
    return { next, replies }
  }

  private sendHere(bytes: Buffer): void {
    this.raw.send(bytes, undefined, (error) => this.onSent(error))
    this.startTimer()
  }

  private sendFromThread(bytes: Buffer): void {
    this.writers++
    write(this.fd, bytes, (error) => {
      this.writers--
      if (this.closedBy && this.writers === 0) this.raw.close()
      if (this.writers === 0) for (const tell of this.onIdle.splice(0)) tell()
      this.onSent(error)
      // Not before: with many sockets, the write may wait longer for a free thread than any answer takes.
      if (this.exchange) this.startTimer()
    })
  }

  private onSent(error: NodeJS.ErrnoException | null | undefined): void {
    if (error) this.close(this.socketError('send to', error.errno))
  }

  private startTimer(): void {
    this.timer = this.timer?.refresh() ?? setTimeout(() => this.onTimeout(), ANSWER_TIMEOUT_MS).unref()
  }

  /** If the process was busy for long, the timer expires before answers that have arrived are read: read for two more rounds. */
  private onTimeout(): void {
    const { exchange } = this
    // The timer may have been started for the exchange before this one, whose own write still waits for a thread.
    if (!exchange || this.writers > 0) return
    exchange.silent = true
    setImmediate(() =>
      setImmediate(() => {
        if (exchange !== this.exchange || !exchange.silent) return
        this.close(this.socketError('read from', constants.errno.ENOBUFS))
      }),
    )
  }

  private receive(bytes: Buffer, port: number): void {
    const { exchange } = this
    // Root of a node can send to this socket as well; only the kernel has port 0.
    if (port !== 0 || !exchange) return
    exchange.silent = false
    this.timer?.refresh()
    exchange.replies.takeDatagram(bytes)
    if (exchange.replies.complete) this.endExchange()?.resolve(exchange.replies)
  }

  /** Ends the exchange, if there is one; the caller resolves or rejects it. */
  private endExchange(): Exchange | null {
    const { exchange } = this
    this.exchange = null
    if (exchange && !this.closedBy) this.raw.unref()
    return exchange
  }

  private socketError(operation: string, errno: number | undefined): KernelError {
    return new KernelError({ operation, target: `${this.description}: netlink socket`, errno: Math.abs(errno ?? 0) })
  }

  private internalError(what: string): LabError {
    return new LabError('INTERNAL', `netlink socket of ${this.description}: ${what}`)
  }
}

function refusalError(request: Request, { errno, extack }: Refusal): KernelError {
  const { operation, target } = request
  const failure = { operation, target, errno, extack }
  const lacked = lackedKind(request, { errno, extack })
  if (!lacked) return new KernelError(failure)
  const { table, name, option } = lacked
  return new KernelError({ ...failure, lack: lackText(table, name, option), hint: remedyText(table, name, option) })
}
