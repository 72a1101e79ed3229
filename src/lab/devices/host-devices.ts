// Takes devices of the machine into nodes. Their configuration is recorded in the lab's state before that, so that
// return-devices.ts can restore it.

import { LabError } from '../../errors.js'
import { listAddresses } from '../../kernel/netlink/rtnl/address.js'
import { AF_INET, AF_INET6 } from '../../kernel/netlink/rtnl/constants.js'
import { getLink, listLinks, moveLink, parseLink, setLink } from '../../kernel/netlink/rtnl/link.js'
import { hasGateway, isKeptAddress, isKeptRoute } from '../../kernel/netlink/rtnl/replay.js'
import { listRoutes } from '../../kernel/netlink/rtnl/route.js'
import { NetlinkSocket } from '../../kernel/netlink/socket.js'
import type { DeviceMove } from '../../plan/op.js'
import { targetOf } from '../../plan/target.js'
import type { TakenDevice } from '../record/taken-device.js'
import { callerOf } from '../who/caller.js'

/**
 * Describes the present configuration of the devices that a plan takes.
 *
 * @throws LabError PRIVILEGE_MISSING unless the caller is root of the machine; KERNEL_REFUSED for a device that does not exist,
 * that cannot be moved, or that belongs to a bridge or bond.
 */
export async function describeDevices(ops: readonly DeviceMove[]): Promise<TakenDevice[]> {
  if (ops.length === 0) return []
  if (callerOf().rootless) {
    throw new LabError('PRIVILEGE_MISSING', `only root can take ${ops[0]?.device} of the machine into a node`, {
      hint: 'run it with sudo, and without NSLAB_ROOTLESS',
    })
  }
  using socket = NetlinkSocket.open(null)
  const links = (await socket.dump(listLinks())).map(parseLink)
  const addresses = await socket.dump(listAddresses())
  const routes = await socket.dump(listRoutes())
  return ops.map((op) => {
    const link = links.find(({ name }) => name === op.device)
    if (!link)
      throw cannotTake(op, 'the machine has no such device here', 'see `ip link`; a lab may have it: `nslab ls`')
    if (link.kind === 'loopback') throw cannotTake(op, 'it is the loopback device, which cannot be moved')
    if (link.master !== null) {
      const master = links.find(({ index }) => index === link.master)?.name ?? `interface ${link.master}`
      throw cannotTake(op, `it belongs to ${master}`, `free it first: \`ip link set ${op.device} nomaster\``)
    }
    const { name, index, kind, mac, permanentMac, mtu, up } = link
    const kept = { addresses: keptAddresses(addresses, index), routes: keptRoutes(routes, index) }
    return {
      ...{ node: op.node, interface: op.interface, index: op.index, mac: op.mac ?? mac },
      host: { name, index, kind, mac, permanentMac, mtu, up, seenAt: Date.now(), ...kept },
    }
  })
}

/** A device's addresses, oldest first. The kernel lists those of IPv4 oldest first, and those of IPv6 newest first. */
function keptAddresses(payloads: readonly Buffer[], index: number): string[] {
  const own = payloads.filter((payload) => isKeptAddress(payload, index))
  const isIpv6 = (payload: Buffer) => payload[0] === AF_INET6
  return [...own.filter((each) => !isIpv6(each)), ...own.filter(isIpv6).toReversed()].map(toBase64)
}

/** A device's routes. Routes without a gateway come first, since the gateways of the others are reached through them. */
function keptRoutes(payloads: readonly Buffer[], index: number): string[] {
  const own = payloads.filter((payload) => isIp(payload) && isKeptRoute(payload, index))
  return [...own.filter((each) => !hasGateway(each)), ...own.filter(hasGateway)].map(toBase64)
}

const isIp = (payload: Buffer): boolean => payload[0] === AF_INET || payload[0] === AF_INET6

const toBase64 = (payload: Buffer): string => payload.toString('base64')

/** Moves a device into a node's network namespace, down. @throws KernelError. */
export async function takeDevice(op: DeviceMove, netnsFd: number): Promise<void> {
  using socket = NetlinkSocket.open(null)
  const target = `${targetOf(op)}, ${op.device} of the machine`
  const { index } = parseLink(await socket.get(getLink({ target, name: op.device })))
  await socket.send([
    setLink({ target, index, up: false }),
    moveLink({ target, index, netnsFd, newName: op.interface, newIndex: op.index }),
  ])
}

const cannotTake = (op: DeviceMove, reason: string, hint?: string): LabError =>
  new LabError(
    'KERNEL_REFUSED',
    `cannot take ${op.device} of the machine (${targetOf(op)}): ${reason}`,
    hint === undefined ? {} : { hint },
  )
