// A route netlink socket that is told of changes (netlink(7), multicast groups), and that lists what there is without leaving a gap:
// what changes while it lists comes after the list. Everything is synchronous, and nothing waits.
import { closeSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError } from '../../errors.js'
import { netlinkPortOf, setsockopt } from '../libc.js'
import type { HomeNetns } from '../netns.js'
import { socketCalls } from '../socket-calls.js'
import { encodeBatch } from './encode-batch.js'
import { NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR, NLMSG_MIN_TYPE } from './rtnl/constants.js'
import type { Request } from './rtnl/request.js'
import { align } from './rtnl/writer.js'

const AF_NETLINK = 16
const SOCK_RAW = 3
const NETLINK_ROUTE = 0
const SIZEOF_SOCKADDR_NL = 12
const HEADER_LENGTH = 16
/** The kernel fills datagrams of a dump up to the length of the buffer, at most 32 KiB. */
const BUFFER_BYTES = 32_768
const REQUEST_BYTES = 256
const DUMP_TRIES = 10
const SOL_SOCKET = 1
const SO_RCVBUF = 8
const SO_RCVBUFFORCE = 33
/** Room for some thousand changes; unused room costs nothing. Only root of the machine gets more than net.core.rmem_max. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024
const SOL_NETLINK = 270
const NETLINK_GET_STRICT_CHK = 12
const { EAGAIN, EINTR, ENOBUFS, EPERM, ENOPROTOOPT } = constants.errno

/** A message of the kernel. */
export interface Notice {
  /** RTM_* */
  type: number
  /** NLM_F_* */
  flags: number
  /** Its body; overwritten by the next call of the socket. */
  payload: Buffer
}

/** What `read` has come upon. */
export interface Reading {
  /** All that had come is read. */
  isEmpty: boolean
  /** The kernel has dropped changes, since the receive buffer was full (ENOBUFS). They came after those that were read. */
  hasLost: boolean
}

/** The buffer that sockets of one thread share. */
export const receiveBuffer = (): Buffer => Buffer.alloc(BUFFER_BYTES)

/** It keeps its network namespace alive. The owner disposes of it. */
export class MulticastSocket implements Disposable {
  private readonly from = Buffer.alloc(SIZEOF_SOCKADDR_NL)
  private readonly port: number
  private sequence = 1
  private hasLost = false
  /** Datagrams that came while a list was read. */
  private readonly waiting: Buffer[] = []

  private constructor(
    readonly fd: number,
    private readonly describe: string,
    private readonly buffer: Buffer,
  ) {
    this.port = netlinkPortOf(fd) ?? 0
  }

  /**
   * Opens a socket in a network namespace, which from then on is told of changes.
   *
   * @param netnsFd of the namespace; the caller closes it
   * @param groups RTNLGRP_* of linux/rtnetlink.h, at most 32
   * @param buffer of `receiveBuffer`
   * @param bytes size of the receive buffer of the kernel, where it may be chosen
   * @throws KernelError
   */
  static open(
    netnsFd: number,
    home: HomeNetns,
    groups: readonly number[],
    { describe, buffer, bytes = RECEIVE_BUFFER_BYTES }: { describe: string; buffer: Buffer; bytes?: number },
  ): MulticastSocket {
    const fd = home.visit(netnsFd, () => socketCalls().socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE))
    try {
      setReceiveBuffer(fd, bytes)
      setIfKnown(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1)
      const address = Buffer.alloc(SIZEOF_SOCKADDR_NL)
      address.writeUInt16LE(AF_NETLINK, 0)
      address.writeUInt32LE(
        groups.reduce((mask, group) => (mask | (1 << (group - 1))) >>> 0, 0),
        8,
      )
      socketCalls().bind(fd, address)
      return new MulticastSocket(fd, describe, buffer)
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  /** Reads at most `max` datagrams of changes. @throws KernelError */
  read(max: number, take: (notice: Notice) => void): Reading {
    for (const datagram of this.waiting.splice(0)) this.each(datagram, take)
    for (let count = 0; count < max; count++) {
      const datagram = this.receive()
      if (datagram === null) {
        const { hasLost } = this
        this.hasLost = false
        return { isEmpty: true, hasLost }
      }
      this.each(datagram, take)
    }
    return { isEmpty: false, hasLost: false }
  }

  /**
   * Lists what there is. Changes that come meanwhile are kept for `read`.
   *
   * @param begin called before each try
   * @throws KernelError, EINTR when the kernel's list changes faster than it can be read
   */
  dump(request: Request, begin: () => void, take: (payload: Buffer) => void): void {
    for (let tries = 0; tries < DUMP_TRIES; tries++) {
      begin()
      if (this.dumpOnce(request, take)) return
    }
    throw this.error(request, EINTR)
  }

  [Symbol.dispose](): void {
    closeSync(this.fd)
  }

  /** @returns whether the list is whole */
  private dumpOnce(request: Request, take: (payload: Buffer) => void): boolean {
    const sequence = this.sequence++
    const { bytes } = encodeBatch(Buffer.alloc(REQUEST_BYTES), [request], { index: 0, place: 0 }, 1, sequence)
    socketCalls().send(this.fd, bytes)
    let isWhole = true
    for (let isDone = false; !isDone; ) {
      const datagram = this.receive()
      // The kernel writes the next part of a list when the one before is read.
      if (datagram === null) throw this.error(request, ENOBUFS)
      const isAnswer = datagram.readUInt32LE(8) === sequence && datagram.readUInt32LE(12) === this.port
      if (!isAnswer) this.waiting.push(Buffer.from(datagram))
      else
        this.each(datagram, ({ type, flags, payload }) => {
          if (flags & NLM_F_DUMP_INTR) isWhole = false
          if (type === NLMSG_DONE || type === NLMSG_ERROR) isDone = true
          const errno = isDone && payload.length >= 4 ? -payload.readInt32LE(0) : 0
          if (errno > 0) throw this.error(request, errno)
          if (!isDone) take(payload)
        })
    }
    return isWhole
  }

  /** The next datagram of the kernel, as a view of the buffer; null when there is none. */
  private receive(): Buffer | null {
    for (;;) {
      const length = socketCalls().receive(this.fd, this.buffer, this.from)
      if (length === -EAGAIN) return null
      if (length === -ENOBUFS) this.hasLost = true
      else if (length < 0) {
        throw new KernelError({ operation: 'read from', target: `${this.describe}: netlink socket`, errno: -length })
      }
      // Root of a node can send to this socket as well; only the kernel has port 0. A message that is cut off is lost.
      else if (length > this.buffer.length) this.hasLost = true
      else if (length >= HEADER_LENGTH && this.from.readUInt32LE(4) === 0) return this.buffer.subarray(0, length)
    }
  }

  private each(datagram: Buffer, take: (notice: Notice) => void): void {
    for (let at = 0; at + HEADER_LENGTH <= datagram.length; ) {
      const length = datagram.readUInt32LE(at)
      if (length < HEADER_LENGTH || at + length > datagram.length) return
      const [type, flags] = [datagram.readUInt16LE(at + 4), datagram.readUInt16LE(at + 6)]
      const isTold = type >= NLMSG_MIN_TYPE || type === NLMSG_DONE || type === NLMSG_ERROR
      if (isTold) take({ type, flags, payload: datagram.subarray(at + HEADER_LENGTH, at + length) })
      at += align(length)
    }
  }

  private error({ operation, target }: Request, errno: number): KernelError {
    return new KernelError({ operation, target: `${this.describe}: ${target}`, errno })
  }
}

/** Root of the machine may pass over the limit net.core.rmem_max (socket(7)). */
function setReceiveBuffer(fd: number, bytes: number): void {
  try {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes, 'SO_RCVBUFFORCE')
  } catch (error) {
    if (!(error instanceof KernelError && error.errno === EPERM)) throw error
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, bytes, 'SO_RCVBUF')
  }
}

/** Older kernels lack the option (ENOPROTOOPT), and check requests less strictly. */
function setIfKnown(fd: number, level: number, option: number, value: number): void {
  try {
    setsockopt(fd, level, option, value, `option ${option}`)
  } catch (error) {
    if (!(error instanceof KernelError && error.errno === ENOPROTOOPT)) throw error
  }
}
