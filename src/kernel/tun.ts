// Makes tun and tap devices, whose frames a program reads and writes, through /dev/net/tun (linux/if_tun.h, the kernel's tuntap
// documentation). Route netlink cannot make them.
import { closeSync, constants, openSync, statSync } from 'node:fs'
import { attempt } from './attempt.js'
import { ioctlNumber, ioctlPointer } from './libc.js'
import { TUN_MODES, type TunSettings } from './netlink/rtnl/tun.js'

const PATH = '/dev/net/tun'
const READ_AND_WRITE_BY_ALL = 0o006
const TUNSETIFF = 0x4004_54ca
const TUNSETPERSIST = 0x4004_54cb
const TUNSETIFINDEX = 0x4004_54da
const IFF_NO_PI = 0x1000
/** Size of struct ifreq: a name of IFNAMSIZ bytes, then a union. */
const IFREQ_LENGTH = 40
const IFNAMSIZ = 16

export interface NewTun extends TunSettings {
  /** `h1:tap0`, for errors. */
  target: string
  name: string
  /** Interface index. */
  index: number
}

/**
 * Makes a device in the calling thread's network namespace, as `ip tuntap add` does. It stays when no program has it open.
 *
 * @throws KernelError when /dev/net/tun cannot be opened, or the device cannot be made.
 */
export function createTun({ target, name, index, mode }: NewTun): void {
  const operation = `create ${mode}`
  const fd = attempt(operation, `${target}, by ${PATH}`, () => openSync(PATH, constants.O_RDWR))
  try {
    const wanted = Buffer.alloc(4)
    wanted.writeInt32LE(index)
    ioctlPointer(fd, TUNSETIFINDEX, wanted, operation, target)
    const request = Buffer.alloc(IFREQ_LENGTH)
    request.write(name, 0, IFNAMSIZ - 1)
    request.writeUInt16LE(TUN_MODES[mode] | IFF_NO_PI, IFNAMSIZ)
    ioctlPointer(fd, TUNSETIFF, request, operation, target)
    ioctlNumber(fd, TUNSETPERSIST, 1, operation, target)
  } finally {
    closeSync(fd)
  }
}

/** Opens /dev/net/tun as a trial. `errno` is 0 when that succeeds; `openToAll` is whether its mode lets every user open it. */
export function tryTun(): { errno: number; openToAll: boolean } {
  const mode = statSync(PATH, { throwIfNoEntry: false })?.mode ?? 0
  const openToAll = (mode & READ_AND_WRITE_BY_ALL) === READ_AND_WRITE_BY_ALL
  try {
    closeSync(openSync(PATH, 'r+'))
    return { errno: 0, openToAll }
  } catch (error) {
    return { errno: -((error as NodeJS.ErrnoException).errno ?? 0), openToAll }
  }
}
