// Opens a socket of the package `netlink` in the calling thread's network namespace, finds its file descriptor and sets its
// options. The only importer of `netlink`. It sends and receives nothing.
import { closeSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import type { RawNetlinkSocket } from 'netlink/dist/raw.js'
import { KernelError, LabError } from '../../errors.js'
import { attempt } from '../attempt.js'
import { netlinkPortOf, setsockopt } from '../libc.js'

/** Socket options of netlink(7) and linux/netlink.h, and the kernel version that brought each. */
const SOL_NETLINK = 270
const OPTIONS: readonly [name: string, value: number][] = [
  // 2.6.30. Without it, an overflow of the receive buffer is an error that the package answers with abort(3).
  ['NETLINK_NO_ENOBUFS', 5],
  ['NETLINK_CAP_ACK', 10], // 4.3
  ['NETLINK_EXT_ACK', 11], // 4.12
  ['NETLINK_GET_STRICT_CHK', 12], // 4.20
]

/**
 * Size of the buffer for one read. The kernel sizes the datagrams of a dump after it, up to 32 KiB. The package allocates and
 * zeroes a fresh buffer for each read, so a larger one is slower. A single link with more attributes than this (dozens of
 * alternative names) is an error.
 */
const RECEIVE_BYTES = 8192
/**
 * Size of the receive buffer, in which the refusals of a whole batch must have room. The kernel doubles it, and takes at most
 * net.core.rmem_max, by default 212,992 (socket(7)).
 */
const RECEIVE_BUFFER_BYTES = 262_144
/** Attempts to find the descriptor: another thread may take the one that a socket is expected to get. */
const OPEN_TRIES = 20

/** An open socket of the package, and its file descriptor. The owner closes `raw`, which closes the descriptor. */
export interface RawSocket {
  raw: RawNetlinkSocket
  fd: number
}

/**
 * Opens a socket. Synchronous, so that it can be called while the thread is in another network namespace.
 *
 * @param protocol one of netlink(7)
 * @throws KernelError when the kernel refuses the socket or one of its options.
 */
export function openRawSocket(protocol: number): RawSocket {
  for (let tries = 0; tries < OPEN_TRIES; tries++) {
    const expected = lowestFreeDescriptor()
    const raw = newRaw(protocol)
    // The package does not expose the descriptor. The kernel gives out the lowest free one; the port id confirms the guess.
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
  const options = { messagePeeking: false, msgBufferSize: RECEIVE_BYTES, recvBufferSize: RECEIVE_BUFFER_BYTES }
  try {
    // The typings also require options that the constructor does not read.
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

function withOptions(raw: RawNetlinkSocket, fd: number): RawNetlinkSocket {
  try {
    for (const [name, value] of OPTIONS) setsockoptIfKnown(fd, name, value)
    return raw
  } catch (error) {
    raw.close()
    throw error
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
