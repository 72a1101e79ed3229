// Renames an interface. Before Linux 6.1 the kernel refuses that while the interface is up, and forgets routes and neighbours when
// it goes down: they are made again.
import { constants } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { KernelError } from '../../errors.js'
import { getLink, parseLink, renameLink, setLink } from '../../kernel/netlink/rtnl/link.js'
import type { NetlinkSocket } from '../../kernel/netlink/socket.js'
import { readForgettable, remake } from '../links/forgotten.js'

/** Carrier comes back within milliseconds where the other end is up. */
const CARRIER_TIMEOUT_MS = 1000
const PAUSE_MS = 2

export interface Rename {
  /** The interface with its old name, for errors: `h1:eth0`. */
  target: string
  index: number
  newName: string
}

/** @throws KernelError, such as EEXIST when another interface has the name */
export async function renameInterface(socket: NetlinkSocket, rename: Rename): Promise<void> {
  try {
    await socket.send([renameLink(rename)])
  } catch (error) {
    if (!(error instanceof KernelError && error.errno === constants.errno.EBUSY)) throw error
    await renameWhileDown(socket, rename)
  }
}

async function renameWhileDown(socket: NetlinkSocket, { target, index, newName }: Rename): Promise<void> {
  const wasRunning = parseLink(await socket.get(getLink({ target, index }))).running
  const forgotten = await readForgettable(socket, index)
  await socket.send([setLink({ target, index, up: false })])
  try {
    await socket.send([renameLink({ target, index, newName })])
  } finally {
    await socket.send([setLink({ target, index, up: true })])
    const deadline = performance.now() + CARRIER_TIMEOUT_MS
    const isRunning = async () => parseLink(await socket.get(getLink({ target, index }))).running
    while (wasRunning && !(await isRunning()) && performance.now() < deadline) await setTimeout(PAUSE_MS)
    await remake(socket, { target, index }, forgotten)
  }
}
