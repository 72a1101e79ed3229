// A netlink socket that only asks, and never waits: the kernel answers a request before send(2) returns, and puts the next part of a
// dump into the socket's queue before recv(2) returns. So a thread reads a namespace while it is in it, without a promise for each
// message. Messages lie in one buffer, and are parsed before the next ones come.
import { closeSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError } from '../../errors.js'
import { checked, libc, setsockopt } from '../libc.js'
import { encodeBatch, type Position } from './encode-batch.js'
import { Answers } from './rtnl/answers.js'
import { ENOENT } from './rtnl/constants.js'
import type { Request } from './rtnl/request.js'

/** Protocols of netlink(7). */
export const NETLINK_ROUTE = 0
/** bits/socket.h */
const AF_NETLINK = 16
const SOCK_RAW = 3
const SOCK_CLOEXEC = 0o2000000
const MSG_TRUNC = 0x20
const MSG_DONTWAIT = 0x40
/** struct sockaddr_nl of the kernel: family, port 0, no groups; linux/netlink.h */
const KERNEL_ADDRESS_BYTES = 12
/** Socket options of linux/netlink.h, by name: Linux 4.3, 4.12 and 4.20. */
const SOL_NETLINK = 270
const OPTIONS: readonly [name: string, value: number][] = [
  ['NETLINK_CAP_ACK', 10],
  ['NETLINK_EXT_ACK', 11],
  ['NETLINK_GET_STRICT_CHK', 12],
]
const REQUEST_BYTES = 16_384
/** The kernel sizes the parts of a dump after what the reader takes, up to 32 KiB; a single message may be longer. */
const ANSWER_BYTES = 65_536
const LONGEST_ANSWER_BYTES = 1 << 24
/** A dump that was interrupted by changes (NLM_F_DUMP_INTR), or for which there was no memory, is asked for again, at most so often. */
const DUMP_TRIES = 10
/** Most requests in one datagram: all of them may be refused, and a refusal takes up to 1,280 bytes of a queue of 212,992. */
const BATCH = 100

/** The buffers that sockets of one reader share, one after the other. */
export class ReadingBuffers {
  readonly request = Buffer.allocUnsafe(REQUEST_BYTES)
  answer = Buffer.allocUnsafe(ANSWER_BYTES)
}

/** The owner disposes of it. */
export class ReadingSocket implements Disposable {
  private sequence = 1

  private constructor(
    private readonly fd: number,
    private readonly description: string,
    private readonly buffers: ReadingBuffers,
  ) {}

  /**
   * Opens a socket in the network namespace that the thread is in now.
   *
   * @param description name of the namespace in errors
   * @param protocol one of netlink(7)
   * @throws KernelError when the kernel refuses the socket or one of its options
   */
  static open(description: string, buffers: ReadingBuffers, protocol: number = NETLINK_ROUTE): ReadingSocket {
    const calls = libc()
    const fd = checked(calls.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), 'open', 'netlink socket')
    try {
      const kernel = Buffer.alloc(KERNEL_ADDRESS_BYTES)
      kernel.writeUInt16LE(AF_NETLINK)
      // Then nobody but the kernel can send to it (netlink_getsockbyportid in af_netlink.c): neither can root of the node.
      checked(calls.connect(fd, kernel, kernel.length), 'connect', 'netlink socket')
      for (const [name, option] of OPTIONS) setsockoptIfKnown(fd, name, option)
      return new ReadingSocket(fd, description, buffers)
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  /**
   * Lists objects.
   *
   * @param parse reads the body of one message, which is overwritten after that; what it returns undefined for is left out
   * @throws KernelError, with EINTR when the kernel's list changes faster than it can be read
   */
  dump<T>(request: Request, parse: (payload: Buffer) => T | undefined): T[] {
    for (let tries = 0; tries < DUMP_TRIES; tries++) {
      const found: T[] = []
      const answers = this.exchange([request], (payload) => {
        const parsed = parse(payload)
        if (parsed !== undefined) found.push(parsed)
      })
      if (answers === null) continue
      const [refusal] = answers.refusals
      if (refusal) throw this.error(request, refusal)
      if (!answers.interrupted) return found
    }
    const hint = 'it changes faster than it can be read; try again'
    throw new KernelError({ ...this.named(request), errno: constants.errno.EINTR, hint })
  }

  /**
   * Asks for objects one by one, in few datagrams.
   *
   * @param parse reads the body of the answer, which is overwritten after that
   * @returns what was read for each request; null for an object that is not there (ENOENT)
   * @throws KernelError for any other refusal
   */
  getAll<T>(requests: readonly Request[], parse: (payload: Buffer) => T): (T | null)[] {
    const found: (T | null)[] = requests.map(() => null)
    for (let from = 0; from < requests.length; ) {
      const batch = requests.slice(from, from + BATCH)
      const answers = this.exchange(batch, (payload, at) => {
        found[from + at] = parse(payload)
      })
      if (answers === null)
        throw new KernelError({ ...this.named(batch[0] as Request), errno: constants.errno.ENOBUFS })
      const refusal = answers.refusals.find(({ errno }) => errno !== ENOENT)
      if (refusal) throw this.error(batch[refusal.index] as Request, refusal)
      from += answers.count
    }
    return found
  }

  [Symbol.dispose](): void {
    closeSync(this.fd)
  }

  /** Sends requests in one datagram, and reads until the last of them is answered. @returns null when the kernel had no memory */
  private exchange(requests: readonly Request[], take: (payload: Buffer, index: number) => void): Answers | null {
    const start: Position = { index: 0, place: 0 }
    const { count, bytes } = encodeBatch(this.buffers.request, requests, start, BATCH, this.sequence)
    const answers = new Answers(this.sequence, count, take)
    this.sequence = (this.sequence + count) >>> 0
    const sent = this.call(() => libc().send(this.fd, bytes, bytes.length, 0), 'send to')
    if (sent === null) return null
    while (!answers.complete) {
      const length = this.call(
        () => libc().recv(this.fd, this.buffers.answer, this.buffers.answer.length, MSG_DONTWAIT | MSG_TRUNC),
        'read from',
      )
      if (length === null) return null
      if (length > this.buffers.answer.length) return this.growFor(length)
      answers.takeDatagram(this.buffers.answer, length)
    }
    return answers
  }

  /** The datagram is gone, and the rest of its dump is read off; with a larger buffer, it is asked for again. */
  private growFor(length: number): null {
    if (length > LONGEST_ANSWER_BYTES) throw this.socketError('read from', constants.errno.EMSGSIZE)
    this.buffers.answer = Buffer.allocUnsafe(2 * length)
    this.drain()
    return null
  }

  private drain(): void {
    const { answer } = this.buffers
    while (libc().recv(this.fd, answer, answer.length, MSG_DONTWAIT) >= 0);
  }

  /** Calls the kernel again after a signal. @returns null when it had no memory, or no room in the queue (ENOBUFS) */
  private call(run: () => number, operation: string): number | null {
    for (;;) {
      const result = Number(run())
      if (result >= 0) return result
      const errno = libc().errno()
      if (errno === constants.errno.EINTR) continue
      if (errno !== constants.errno.ENOBUFS) throw this.socketError(operation, errno)
      this.drain()
      return null
    }
  }

  private socketError(operation: string, errno: number): KernelError {
    return new KernelError({ operation, target: `${this.description}: netlink socket`, errno })
  }

  private error(request: Request, { errno, extack }: { errno: number; extack: string | undefined }): KernelError {
    return new KernelError({ ...this.named(request), errno, extack })
  }

  private named({ operation, target }: Request): { operation: string; target: string } {
    return { operation, target: `${this.description}: ${target}` }
  }
}

/** An older kernel lacks some options (ENOPROTOOPT). Without them its errors say less, and everything else works. */
function setsockoptIfKnown(fd: number, name: string, option: number): void {
  try {
    setsockopt(fd, SOL_NETLINK, option, 1, name)
  } catch (error) {
    if (!(error instanceof KernelError) || error.errno !== constants.errno.ENOPROTOOPT) throw error
  }
}
