// Devices of the machine's own that a lab has while it stands. What each was like is written into the lab's state before
// it is taken, so that it comes back as it was: by `down`, by a rollback, and after a crash by `gc`, since the kernel returns
// a card whose namespace ends to where it came from, but not its name, its addresses and its state.
import { closeSync, openSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError, LabError } from '../errors.js'
import { attempt } from '../kernel/attempt.js'
import { openNetns } from '../kernel/netns.js'
import { addAddress, listAddresses, parseAddress } from '../kernel/rtnl/address.js'
import { getLink, type LinkInfo, listLinks, moveLink, parseLink, renameLink, setLink } from '../kernel/rtnl/link.js'
import { RouteSocket } from '../kernel/socket.js'
import { type DeviceMove, targetOf } from '../plan/op.js'
import { callerOf } from './caller.js'
import { isRunning } from './process.js'
import type { LabState } from './state.js'

/** A device that a lab has, and what it was before. */
export interface TakenDevice {
  node: string
  /** Its name and ifindex in the node. */
  interface: string
  index: number
  /** MAC address in the node. */
  mac: string | null
  /** On the machine. */
  host: {
    name: string
    index: number
    mac: string | null
    mtu: number
    up: boolean
    /** `ADDRESS/LENGTH`, without those that the kernel makes itself. */
    addresses: string[]
  }
}

/**
 * What the devices that a plan takes are like now.
 *
 * @throws LabError PRIVILEGE_MISSING for anyone but root; KERNEL_REFUSED for a device that is not there or is in use.
 */
export async function describeDevices(ops: readonly DeviceMove[]): Promise<TakenDevice[]> {
  if (ops.length === 0) return []
  if (callerOf().rootless) {
    throw new LabError('PRIVILEGE_MISSING', `only root can take ${ops[0]?.device} of the machine into a node`, {
      hint: 'run it with sudo, and without NSLAB_ROOTLESS',
    })
  }
  using socket = RouteSocket.open(null)
  const links = (await socket.dump(listLinks())).map(parseLink)
  const addresses = (await socket.dump(listAddresses())).map(parseAddress)
  return ops.map((op) => {
    const link = links.find(({ name }) => name === op.device)
    if (!link) throw refused(op, 'the machine has no such device here', 'see `ip link`; a lab may have it: `nslab ls`')
    if (link.kind === 'loopback') throw refused(op, 'it is the loopback device, which cannot be moved')
    if (link.master !== null) {
      const master = links.find(({ index }) => index === link.master)?.name ?? `interface ${link.master}`
      throw refused(op, `it belongs to ${master}`, `free it first: \`ip link set ${op.device} nomaster\``)
    }
    const own = addresses.filter(({ index, scope }) => index === link.index && scope !== 'link')
    const { name, index, mac, mtu, up } = link
    return {
      ...{ node: op.node, interface: op.interface, index: op.index, mac: op.mac ?? mac },
      host: { name, index, mac, mtu, up, addresses: own.map((each) => `${each.address}/${each.prefixLength}`) },
    }
  })
}

/** Takes a device into a node. @throws KernelError with the kernel's words. */
export async function takeDevice(op: DeviceMove, netnsFd: number): Promise<void> {
  using socket = RouteSocket.open(null)
  const target = `${targetOf(op)}, ${op.device} of the machine`
  const { index } = parseLink(await socket.get(getLink({ target, name: op.device })))
  await socket.send([
    setLink({ target, index, up: false }),
    moveLink({ target, index, netnsFd, newName: op.interface, newIndex: op.index }),
  ])
}

/** Descriptors of the network namespaces that devices are in, by node; null for one that is gone. */
export type OpenNetns = (node: string) => number | null

/** Of a lab whose keeper lives: of the node, or what the keeper holds of a dead one. The caller closes what it gets. */
export const netnsIn =
  ({ nodes, keeper }: Pick<LabState, 'nodes' | 'keeper'>): OpenNetns =>
  (name) => {
    const node = nodes.find((each) => each.name === name)
    if (!node || !isRunning(keeper)) return null
    if (isRunning(node)) return openNetns(node.pid)
    const path = `/proc/${keeper.pid}/fd/${node.netnsFd}`
    return attempt('open namespace', path, () => openSync(path, 'r'))
  }

/**
 * Brings devices back from their nodes, or from where the kernel has put them, and makes them what they were.
 *
 * @returns what is not there any more, such as a tap that went with its namespace
 * @throws KernelError when one cannot be brought back.
 */
export async function returnDevices(devices: readonly TakenDevice[], openNode: OpenNetns): Promise<TakenDevice[]> {
  const lost: TakenDevice[] = []
  for (const device of devices) {
    const fd = openNode(device.node)
    try {
      if (fd !== null) await moveOut(device, fd)
    } finally {
      if (fd !== null) closeSync(fd)
    }
    if (!(await restore(device))) lost.push(device)
  }
  return lost
}

/** Brings back what a lab that stands has of the machine's; it is taken down next. */
export async function giveBack(state: LabState): Promise<void> {
  if (state.devices?.length) await returnDevices(state.devices, netnsIn(state))
}

const textOf = ({ node, interface: name, host }: TakenDevice): string => `${node}:${name}, ${host.name} of the machine`

async function moveOut(device: TakenDevice, nodeFd: number): Promise<void> {
  using node = RouteSocket.open(nodeFd, { describe: device.node })
  using machine = RouteSocket.open(null)
  const target = textOf(device)
  const { index } = device
  const inside = (await node.dump(listLinks())).map(parseLink)
  if (!inside.some((link) => link.index === index)) return // not taken yet, or returned already
  const outside = (await machine.dump(listLinks())).map(parseLink)
  const isFree = (link: LinkInfo) => link.index !== device.host.index
  const newIndex = outside.every(isFree) ? device.host.index : 0
  const path = '/proc/thread-self/ns/net'
  const home = attempt('open namespace', path, () => openSync(path, 'r'))
  try {
    await node.send([
      setLink({ target, index, up: false }),
      moveLink({ target, index, netnsFd: home, newName: freeName(device.host.name, outside), newIndex }),
    ])
  } finally {
    closeSync(home)
  }
}

/** Somebody may have taken the name meanwhile. */
function freeName(name: string, links: readonly LinkInfo[]): string {
  const isTaken = (text: string) => links.some((link) => link.name === text || link.altnames.includes(text))
  if (!isTaken(name)) return name
  for (let i = 0; ; i++) if (!isTaken(`dev${i}`)) return `dev${i}`
}

/** @returns false when it is not there */
async function restore(device: TakenDevice): Promise<boolean> {
  using machine = RouteSocket.open(null)
  const { host } = device
  const target = textOf(device)
  const links = (await machine.dump(listLinks())).map(parseLink)
  const found = links.find((link) => isSame(link, device))
  if (!found) return false
  const { index } = found
  const name = found.name === host.name ? null : freeName(host.name, links)
  if (name !== null)
    await machine.send([setLink({ target, index, up: false }), renameLink({ target, index, newName: name })])
  const mac = host.mac !== null && host.mac !== found.mac ? { mac: host.mac } : {}
  await machine.send([setLink({ target, index, mtu: host.mtu, ...mac }), setLink({ target, index, up: host.up })])
  for (const address of host.addresses) {
    const family = address.includes(':') ? 6 : 4
    await machine.send([addAddress({ target, index, family, address })]).catch(unlessThere)
  }
  return true
}

/** By its MAC address, and one of the names that it has had or that the kernel gives to one whose name is taken. */
function isSame(link: LinkInfo, { interface: name, index, mac, host }: TakenDevice): boolean {
  const names = [host.name, name, `dev${index}`]
  const isKnown = link.mac === mac || link.mac === host.mac
  return isKnown && (names.includes(link.name) || link.index === host.index)
}

function unlessThere(error: unknown): void {
  if (!(error instanceof KernelError && error.errno === constants.errno.EEXIST)) throw error
}

const refused = (op: DeviceMove, reason: string, hint?: string): LabError =>
  new LabError(
    'KERNEL_REFUSED',
    `cannot take ${op.device} of the machine (${targetOf(op)}): ${reason}`,
    hint === undefined ? {} : { hint },
  )
