// A route netlink socket that is told of changes in a network namespace (netlink(7), multicast groups). It asks nothing and waits for
// nothing: what there is, a ReadingSocket lists, once this one is open, so that nothing is missed in between.
import { closeSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError } from '../../errors.js'
import { checked, ioctl, libc, setsockopt } from '../libc.js'
import { socketCalls } from './multicast-calls.js'
import { NLMSG_MIN_TYPE } from './rtnl/constants.js'
import { align } from './rtnl/writer.js'

/** bits/socket.h, linux/netlink.h */
const AF_NETLINK = 16
const SOCK_RAW = 3
const SOCK_CLOEXEC = 0o2000000
const NETLINK_ROUTE = 0
const SIZEOF_SOCKADDR_NL = 12
const HEADER_LENGTH = 16
/** linux/sockios.h, Linux 4.10: a descriptor of the network namespace of a socket. */
const SIOCGSKNS = 0x894c
/** asm-generic/socket.h */
const SOL_SOCKET = 1
const SO_RCVBUF = 8
const SO_RCVBUFFORCE = 33
/** Room for some thousand changes; unused room costs nothing. Only root of the machine gets more than net.core.rmem_max. */
const QUEUE_BYTES = 4 * 1024 * 1024
/** No message about a change is longer. */
const MESSAGE_BYTES = 65_536
const { EAGAIN, ENOBUFS, EPERM } = constants.errno

/** A message of the kernel. */
export interface Notice {
  /** RTM_* */
  type: number
  /** NLM_F_* */
  flags: number
  /** Its body; overwritten by the next message. */
  payload: Buffer
}

/** What `read` has come upon. */
export interface Reading {
  /** All that had come is read. */
  isEmpty: boolean
  /** The kernel has dropped changes, since the queue was full (ENOBUFS). They came after those that were read. */
  hasLost: boolean
}

/** The buffer that sockets of one reader share. */
export const noticeBuffer = (): Buffer => Buffer.alloc(MESSAGE_BYTES)

/** It keeps its network namespace alive. The owner disposes of it. */
export class MulticastSocket implements Disposable {
  private readonly from = Buffer.alloc(SIZEOF_SOCKADDR_NL)
  private hasLost = false

  private constructor(
    readonly fd: number,
    readonly description: string,
    private readonly buffer: Buffer,
  ) {}

  /**
   * Opens a socket in the network namespace that the thread is in now. From now on it is told of changes.
   *
   * @param description name of the namespace in errors
   * @param groups RTNLGRP_* of linux/rtnetlink.h, up to 32
   * @param buffer of `noticeBuffer`
   * @param queueBytes size of the kernel's queue of changes that are not read yet
   * @throws KernelError
   */
  static open(
    description: string,
    groups: readonly number[],
    buffer: Buffer,
    queueBytes: number = QUEUE_BYTES,
  ): MulticastSocket {
    const fd = checked(libc().socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), 'open', 'netlink socket')
    try {
      setQueue(fd, queueBytes)
      const address = Buffer.alloc(SIZEOF_SOCKADDR_NL)
      address.writeUInt16LE(AF_NETLINK, 0)
      address.writeUInt32LE(
        groups.reduce((mask, group) => (mask | (1 << (group - 1))) >>> 0, 0),
        8,
      )
      socketCalls().bind(fd, address)
      return new MulticastSocket(fd, description, buffer)
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  /** Reads at most `max` datagrams. @throws KernelError */
  read(max: number, take: (notice: Notice) => void): Reading {
    for (let count = 0; count < max; count++) {
      const length = this.receive()
      if (length === null) {
        const { hasLost } = this
        this.hasLost = false
        return { isEmpty: true, hasLost }
      }
      this.each(length, take)
    }
    return { isEmpty: false, hasLost: false }
  }

  /** Opens the network namespace that the socket is in. The caller closes the descriptor. @throws KernelError */
  openNetns(): number {
    return ioctl(this.fd, SIOCGSKNS, 'open the network namespace of', this.description)
  }

  [Symbol.dispose](): void {
    closeSync(this.fd)
  }

  /** Reads the next datagram of the kernel. @returns its length; null when there is none */
  private receive(): number | null {
    for (;;) {
      const length = socketCalls().receive(this.fd, this.buffer, this.from)
      if (length === -EAGAIN) return null
      if (length === -ENOBUFS) this.hasLost = true
      else if (length < 0) {
        throw new KernelError({ operation: 'read from', target: `${this.description}: netlink socket`, errno: -length })
      }
      // A message that is cut off is lost. Root of a node can send to the groups as well; only the kernel has port 0.
      else if (length > this.buffer.length) this.hasLost = true
      else if (this.from.readUInt32LE(4) === 0) return length
    }
  }

  private each(end: number, take: (notice: Notice) => void): void {
    const { buffer } = this
    for (let at = 0; at + HEADER_LENGTH <= end; ) {
      const length = buffer.readUInt32LE(at)
      if (length < HEADER_LENGTH || at + length > end) return
      const [type, flags] = [buffer.readUInt16LE(at + 4), buffer.readUInt16LE(at + 6)]
      if (type >= NLMSG_MIN_TYPE) take({ type, flags, payload: buffer.subarray(at + HEADER_LENGTH, at + length) })
      at += align(length)
    }
  }
}

/** Root of the machine may pass over the limit net.core.rmem_max (socket(7)). */
function setQueue(fd: number, bytes: number): void {
  try {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes, 'SO_RCVBUFFORCE')
  } catch (error) {
    if (!(error instanceof KernelError && error.errno === EPERM)) throw error
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, bytes, 'SO_RCVBUF')
  }
}
