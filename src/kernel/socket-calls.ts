// Calls for sockets that Node.js has no class for, without waiting: socket(2), bind(2), recvfrom(2), send(2).
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import type * as Koffi from 'koffi'
import { KernelError } from '../errors.js'

type Call = (...args: unknown[]) => number

export interface SocketCalls {
  /** @returns a descriptor that never waits; the caller closes it @throws KernelError */
  socket: (domain: number, type: number, protocol: number) => number
  /** @throws KernelError */
  bind: (fd: number, address: Buffer) => void
  /** @throws KernelError */
  send: (fd: number, bytes: Buffer) => void
  /**
   * Receives a datagram; the sender's address is written to `from`.
   *
   * @returns its length, also where the buffer is shorter; minus the errno when there is none
   */
  receive: (fd: number, buffer: Buffer, from: Buffer) => number
}

/** bits/socket.h */
const SOCK_CLOEXEC = 0o2000000
const SOCK_NONBLOCK = 0o4000
const MSG_TRUNC = 0x20

/** Loaded once, at the first call; constant from then on. */
let loaded: SocketCalls | undefined

export const socketCalls = (): SocketCalls => (loaded ??= load())

function load(): SocketCalls {
  const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi
  const program = koffi.load(null)
  const checked = (result: number, operation: string, target: string): number => {
    if (result >= 0) return result
    throw new KernelError({ operation, target, errno: koffi.errno() })
  }
  const socket: Call = program.func('int socket(int domain, int type, int protocol)')
  const bind: Call = program.func('int bind(int fd, void *address, uint32_t length)')
  const send: Call = program.func('long send(int fd, void *bytes, size_t length, int flags)')
  const recvfrom: Call = program.func(
    'long recvfrom(int fd, void *bytes, size_t length, int flags, void *from, void *fromLength)',
  )
  const fromLength = Buffer.alloc(4)
  return {
    socket: (domain, type, protocol) =>
      checked(socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol), 'open', 'netlink socket'),
    bind: (fd, address) => {
      checked(bind(fd, address, address.length), 'bind', 'netlink socket')
    },
    send: (fd, bytes) => {
      checked(send(fd, bytes, bytes.length, 0), 'send to', 'netlink socket')
    },
    receive: (fd, buffer, from) => {
      for (;;) {
        fromLength.writeUInt32LE(from.length)
        const length = recvfrom(fd, buffer, buffer.length, MSG_TRUNC, from, fromLength)
        if (length >= 0) return length
        const errno = koffi.errno()
        if (errno !== constants.errno.EINTR) return -errno
      }
    },
  }
}
