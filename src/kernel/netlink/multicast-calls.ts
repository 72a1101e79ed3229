// Calls for a socket that hears of changes: bind(2) to multicast groups, and recvfrom(2), which says who has sent a datagram.
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import type * as Koffi from 'koffi'
import { KernelError } from '../../errors.js'

type Call = (...args: unknown[]) => number

export interface SocketCalls {
  /** @throws KernelError */
  bind: (fd: number, address: Buffer) => void
  /**
   * Receives a datagram, without waiting; the sender's address is written to `from`.
   *
   * @returns its length, also where the buffer is shorter; minus the errno when there is none
   */
  receive: (fd: number, buffer: Buffer, from: Buffer) => number
}

/** bits/socket.h */
const MSG_TRUNC = 0x20
const MSG_DONTWAIT = 0x40

/** Loaded once, at the first call; constant from then on. */
let loaded: SocketCalls | undefined

export const socketCalls = (): SocketCalls => (loaded ??= load())

function load(): SocketCalls {
  const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi
  const program = koffi.load(null)
  const bind: Call = program.func('int bind(int fd, void *address, unsigned int length)')
  const recvfrom: Call = program.func(
    'long recvfrom(int fd, void *bytes, unsigned long length, int flags, void *from, void *fromLength)',
  )
  const fromLength = Buffer.alloc(4)
  return {
    bind: (fd, address) => {
      if (bind(fd, address, address.length) === 0) return
      throw new KernelError({ operation: 'bind', target: 'netlink socket', errno: koffi.errno() })
    },
    receive: (fd, buffer, from) => {
      for (;;) {
        fromLength.writeUInt32LE(from.length)
        const length = recvfrom(fd, buffer, buffer.length, MSG_TRUNC | MSG_DONTWAIT, from, fromLength)
        if (length >= 0) return length
        const errno = koffi.errno()
        if (errno !== constants.errno.EINTR) return -errno
      }
    },
  }
}
