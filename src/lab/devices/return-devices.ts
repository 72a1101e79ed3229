// Brings devices of the machine's own back, as they were: by `down`, by a rollback, and after a crash by `gc`, since the kernel
// returns a card whose namespace ends to where it came from, but not its name, its addresses and its state.

import { closeSync, openSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError } from '../../errors.js'
import { attempt } from '../../kernel/attempt.js'
import {
  getLink,
  type LinkInfo,
  listLinks,
  moveLink,
  parseLink,
  renameLink,
  setLink,
} from '../../kernel/netlink/rtnl/link.js'
import { replayAddress, replayRoute } from '../../kernel/netlink/rtnl/replay.js'
import { NetlinkSocket } from '../../kernel/netlink/socket.js'
import { openNetns } from '../../kernel/netns.js'
import type { LabState } from '../record/state.js'
import type { TakenDevice } from '../record/taken-device.js'
import { networksBelow } from '../who/node-networks.js'
import { isRunning } from '../who/process-identity.js'

/** Descriptors of the network namespaces that a node's devices may be in, its own first; none for one that is gone. */
export type OpenNetns = (node: string) => number[]

/** What became of devices that were to come back. */
export interface Returned {
  /** Not there any more, such as a tap that went with its namespace, or not as they were; their record is still needed. */
  lost: TakenDevice[]
  /** Why, where the kernel said it. */
  failures: unknown[]
  /** Routes of devices that are back, which the kernel would not have again: what they lead to may have gone meanwhile. */
  refused: unknown[]
}

/** Of a lab whose keeper lives: of the node, or what the keeper holds of a dead one. The caller closes what it gets. */
export const netnsIn =
  ({ nodes, keeper }: Pick<LabState, 'nodes' | 'keeper'>): OpenNetns =>
  (name) => {
    const node = nodes.find((each) => each.name === name)
    if (!node || !isRunning(keeper)) return []
    const path = `/proc/${keeper.pid}/fd/${node.netnsFd}`
    if (!isRunning(node)) return [attempt('open namespace', path, () => openSync(path, 'r'))]
    const own = openNetns(node.pid)
    return [own, ...networksBelow(node, own, process.geteuid?.() ?? 0)]
  }

/** Brings devices back from their nodes, or from where the kernel has put them, and makes them what they were. */
export async function returnDevices(devices: readonly TakenDevice[], openNode: OpenNetns): Promise<Returned> {
  const returned: Returned = { lost: [], failures: [], refused: [] }
  for (const device of devices) {
    try {
      const refused = await returnDevice(device, openNode)
      if (refused) returned.refused.push(...refused)
      else returned.lost.push(device)
    } catch (error) {
      returned.lost.push(device)
      returned.failures.push(error)
    }
  }
  return returned
}

/** @returns what the kernel said of routes that it would not have again; null when the device is nowhere */
async function returnDevice(device: TakenDevice, openNode: OpenNetns): Promise<unknown[] | null> {
  const fds = openNode(device.node)
  try {
    let index: number | null = null
    for (const [at, fd] of fds.entries()) index ??= await moveOut(device, fd, at === 0)
    return await restore(device, index)
  } finally {
    for (const fd of fds) closeSync(fd)
  }
}

const textOf = ({ node, interface: name, host }: TakenDevice): string => `${node}:${name}, ${host.name} of the machine`

/**
 * @param isNodes whether it is the node's own namespace, where the device has had its ifindex from the beginning
 * @returns its ifindex on the machine; null when it is not in the namespace: not taken yet, or elsewhere
 */
async function moveOut(device: TakenDevice, nodeFd: number, isNodes: boolean): Promise<number | null> {
  using node = NetlinkSocket.open(nodeFd, { describe: device.node })
  using machine = NetlinkSocket.open(null)
  const target = textOf(device)
  const inside = (await node.dump(listLinks())).map(parseLink)
  // Its ifindex alone is not enough: whoever is root there may have sent it away and made another with that.
  const kept = inside.find((link) => link.index === device.index && link.kind === device.host.kind)
  const found = isNodes ? kept : (findDevice(inside, device) ?? (kept?.name === device.interface ? kept : undefined))
  if (!found) return null
  const { index } = found
  const outside = (await machine.dump(listLinks())).map(parseLink)
  const isFree = (link: LinkInfo) => link.index !== device.host.index
  const newIndex = outside.every(isFree) ? device.host.index : 0
  const newName = freeName(device.host.name, outside)
  const path = '/proc/thread-self/ns/net'
  const home = attempt('open namespace', path, () => openSync(path, 'r'))
  try {
    await node.send([
      setLink({ target, index, up: false }),
      moveLink({ target, index, netnsFd: home, newName, newIndex }),
    ])
  } finally {
    closeSync(home)
  }
  return parseLink(await machine.get(getLink({ target, name: newName }))).index
}

/** Somebody may have taken the name meanwhile. */
function freeName(name: string, links: readonly LinkInfo[]): string {
  const isTaken = (text: string) => links.some((link) => link.name === text || link.altnames.includes(text))
  if (!isTaken(name)) return name
  for (let i = 0; ; i++) if (!isTaken(`dev${i}`)) return `dev${i}`
}

/**
 * @param known its ifindex; null when it is to be looked for
 * @returns as `returnDevice`
 */
async function restore(device: TakenDevice, known: number | null): Promise<unknown[] | null> {
  using machine = NetlinkSocket.open(null)
  const { host } = device
  const target = textOf(device)
  const links = (await machine.dump(listLinks())).map(parseLink)
  const found = known === null ? findDevice(links, device) : links.find((link) => link.index === known)
  if (!found) return null
  const { index } = found
  const name = found.name === host.name ? null : freeName(host.name, links)
  if (name !== null)
    await machine.send([setLink({ target, index, up: false }), renameLink({ target, index, newName: name })])
  const mac = host.mac !== null && host.mac !== found.mac ? { mac: host.mac } : {}
  await machine.send([setLink({ target, index, mtu: host.mtu, ...mac }), setLink({ target, index, up: host.up })])
  const elapsedSeconds = Math.max(0, Math.ceil((Date.now() - host.seenAt) / 1000))
  for (const text of host.addresses) {
    const request = replayAddress({ target, index, payload: Buffer.from(text, 'base64') }, elapsedSeconds)
    if (request) await machine.send([request]).catch(unlessThere)
  }
  const refused: unknown[] = []
  for (const text of host.up ? host.routes : []) {
    const request = replayRoute({ target, index, payload: Buffer.from(text, 'base64') })
    await machine
      .send([request])
      .catch(unlessThere)
      .catch((error) => refused.push(error))
  }
  return refused
}

/**
 * By the MAC address of its hardware, or, where it has none, by one that it has had; and by a name or ifindex that it has had,
 * or the name that the kernel gives to one whose name is taken. Hardware that is alone with its address needs no name.
 */
function findDevice(links: readonly LinkInfo[], device: TakenDevice): LinkInfo | undefined {
  const { host, mac, index } = device
  const alike = links.filter(({ kind, permanentMac }) => kind === host.kind && permanentMac === host.permanentMac)
  const names = [host.name, device.interface, `dev${index}`]
  const named = alike.filter((link) => names.includes(link.name) || link.index === host.index)
  if (host.permanentMac === null) return named.find((link) => link.mac === mac || link.mac === host.mac)
  return named[0] ?? (alike.length === 1 ? alike[0] : undefined)
}

function unlessThere(error: unknown): void {
  if (!(error instanceof KernelError && error.errno === constants.errno.EEXIST)) throw error
}
