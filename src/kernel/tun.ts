// /dev/net/tun, from which programs make tun and tap devices.
import { closeSync, openSync, statSync } from 'node:fs'

const DEVICE = '/dev/net/tun'
const READ_AND_WRITE_BY_ALL = 0o006

/** `errno` of opening it, 0 when it could be opened; `openToAll` when its mode lets everybody. */
export function tryTun(): { errno: number; openToAll: boolean } {
  const mode = statSync(DEVICE, { throwIfNoEntry: false })?.mode ?? 0
  const openToAll = (mode & READ_AND_WRITE_BY_ALL) === READ_AND_WRITE_BY_ALL
  try {
    closeSync(openSync(DEVICE, 'r+'))
    return { errno: 0, openToAll }
  } catch (error) {
    return { errno: -((error as NodeJS.ErrnoException).errno ?? 0), openToAll }
  }
}
