// Returns devices to the machine and restores their configuration: for `down`, for a rollback, and after a crash for `gc`. When a
// network namespace ends, the kernel itself moves hardware devices back, but does not restore name, addresses and state.

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
import { openHeldNetns, openNetns } from '../../kernel/netns.js'
import type { LabState } from '../record/state.js'
import type { TakenDevice } from '../record/taken-device.js'
import { openNestedNetns } from '../who/nested-netns.js'
import { isRunning } from '../who/process-identity.js'

/**
 * Opens the network namespaces that a node's devices may be in, the node's own first; returns none for a node whose namespaces
 * have ended. The caller closes the descriptors.
 */
export type OpenNetns = (node: string) => number[]

/** The outcome of returning devices. */
export interface ReturnResult {
  /** Devices that were not found, such as a tap that ended with its namespace, or not restored. Their record is still needed. */
  unreturned: TakenDevice[]
  /** Errors of the devices that were found and not restored. */
  failures: unknown[]
  /** Errors of routes of restored devices, for example because the gateway is no longer reachable. */
  routeErrors: unknown[]
}

/**
 * For the nodes of a lab whose keeper lives. The own namespace of a dead node is opened through the descriptor that the keeper
 * holds.
 */
export const netnsOpener =
  ({ nodes, keeper }: Pick<LabState, 'nodes' | 'keeper'>): OpenNetns =>
  (name) => {
    const node = nodes.find((each) => each.name === name)
    if (!node || !isRunning(keeper)) return []
    if (!isRunning(node)) return [openHeldNetns(keeper.pid, node.netnsFd, node.netnsInode)]
    const own = openNetns(node.pid)
    return [own, ...openNestedNetns(node, own, process.geteuid?.() ?? 0)]
  }

/** Finds each device in its node or on the machine, returns it to the machine, and restores its configuration. */
export async function returnDevices(devices: readonly TakenDevice[], openNode: OpenNetns): Promise<ReturnResult> {
  const returned: ReturnResult = { unreturned: [], failures: [], routeErrors: [] }
  for (const device of devices) {
    try {
      const routeErrors = await returnDevice(device, openNode)
      if (routeErrors) returned.routeErrors.push(...routeErrors)
      else returned.unreturned.push(device)
    } catch (error) {
      returned.unreturned.push(device)
      returned.failures.push(error)
    }
  }
  return returned
}

/** @returns the errors of routes that the kernel refused; null when the device was not found @throws KernelError */
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

const deviceText = ({ node, interface: name, host }: TakenDevice): string =>
  `${node}:${name}, ${host.name} of the machine`

/**
 * Moves a device from a network namespace to the machine.
 *
 * @param nodeFd descriptor of the namespace
 * @param isOwnNetns whether it is the node's own namespace, in which nslab chose the device's interface index
 * @returns the interface index on the machine; null when the device is not in the namespace
 */
async function moveOut(device: TakenDevice, nodeFd: number, isOwnNetns: boolean): Promise<number | null> {
  using node = NetlinkSocket.open(nodeFd, { describe: device.node })
  using machine = NetlinkSocket.open(null)
  const target = deviceText(device)
  const inside = (await node.dump(listLinks())).map(parseLink)
  // Another device may have the index: root of the node may have moved the device away and made one with the same index.
  const kept = inside.find((link) => link.index === device.index && link.kind === device.host.kind)
  const found = isOwnNetns ? kept : (findDevice(inside, device) ?? (kept?.name === device.interface ? kept : undefined))
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

/** The name itself, or `dev0`, `dev1`, … if another device of the machine has taken it meanwhile. */
function freeName(name: string, links: readonly LinkInfo[]): string {
  const isTaken = (text: string) => links.some((link) => link.name === text || link.altnames.includes(text))
  if (!isTaken(name)) return name
  for (let i = 0; ; i++) if (!isTaken(`dev${i}`)) return `dev${i}`
}

/**
 * Restores the configuration of a device that is on the machine.
 *
 * @param known the device's interface index; null when the device must be searched for
 * @returns as `returnDevice`
 */
async function restore(device: TakenDevice, known: number | null): Promise<unknown[] | null> {
  using machine = NetlinkSocket.open(null)
  const { host } = device
  const target = deviceText(device)
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
    if (request) await machine.send([request]).catch(ignoreExisting)
  }
  const routeErrors: unknown[] = []
  for (const text of host.up ? host.routes : []) {
    const request = replayRoute({ target, index, payload: Buffer.from(text, 'base64') })
    await machine
      .send([request])
      .catch(ignoreExisting)
      .catch((error) => routeErrors.push(error))
  }
  return routeErrors
}

/**
 * Finds a device among links. Its kind and permanent MAC address must match, and its name or interface index must be one that it
 * had, or the name `devINDEX` that the kernel gives when the name is taken. A device without a permanent MAC address must also
 * have one of its former MAC addresses. Hardware whose permanent MAC address no other link has is found under any name.
 */
function findDevice(links: readonly LinkInfo[], device: TakenDevice): LinkInfo | undefined {
  const { host, mac, index } = device
  const alike = links.filter(({ kind, permanentMac }) => kind === host.kind && permanentMac === host.permanentMac)
  const names = [host.name, device.interface, `dev${index}`]
  const named = alike.filter((link) => names.includes(link.name) || link.index === host.index)
  if (host.permanentMac === null) return named.find((link) => link.mac === mac || link.mac === host.mac)
  return named[0] ?? (alike.length === 1 ? alike[0] : undefined)
}

/** An address or route that exists already is as good as a restored one. */
function ignoreExisting(error: unknown): void {
  if (!(error instanceof KernelError && error.errno === constants.errno.EEXIST)) throw error
}
