// Finds the addresses whose routes the kernel has lost: those that it makes by itself with an address, to its subnet and to itself. Pure.
import { addressFlags, IFADDRMSG_LENGTH } from '../../kernel/netlink/rtnl/address.js'
import {
  AF_INET6,
  IFA_ADDRESS,
  IFA_F_TENTATIVE,
  IFA_LOCAL,
  RTA_DST,
  RTA_OIF,
} from '../../kernel/netlink/rtnl/constants.js'
import { Attributes } from '../../kernel/netlink/rtnl/reader.js'
import { isIpRoute, RTMSG_LENGTH } from '../../kernel/netlink/rtnl/route.js'
import type { ObservedEntry } from '../../plan/change/observed.js'
import type { LinkTable } from './links.js'

/** linux/if_addr.h */
const IFA_F_NOPREFIXROUTE = 0x200
/** linux/rtnetlink.h */
const RTPROT_KERNEL = 2
const RTN_UNICAST = 1
const RTN_LOCAL = 2

type Address = Extract<ObservedEntry, { op: 'address.add' }>

export class ConnectedRoutes {
  private readonly expected: { entry: Address; keys: string[] }[] = []
  private readonly found = new Set<string>()

  constructor(private readonly table: LinkTable) {}

  /** An address of an interface that does not run has no routes. @param payload of the RTM_NEWADDR */
  expect(payload: Buffer, entry: Address): void {
    const link = this.table.links.get(entry.index)
    if (!link?.running) return
    const attributes = new Attributes(payload, IFADDRMSG_LENGTH)
    const [local, peer] = [attributes.get(IFA_LOCAL), attributes.get(IFA_ADDRESS)]
    const address = local ?? peer
    // One with a peer has a route to that.
    if (address === undefined || (local && peer && !local.equals(peer))) return
    const { 0: family = 0, 1: length = 0 } = payload
    const bits = address.length * 8
    const flags = addressFlags(payload)
    const subnetType = family !== AF_INET6 && link.kind === 'loopback' ? RTN_LOCAL : RTN_UNICAST
    // The kernel makes a route to a subnet of one address, too, for IPv6 only.
    const hasSubnet = length > 0 && (length < bits || family === AF_INET6) && (flags & IFA_F_NOPREFIXROUTE) === 0
    // An address of IPv6 is the node's own when it is known that no other node has it.
    const isOwn = family !== AF_INET6 || (flags & IFA_F_TENTATIVE) === 0
    this.expected.push({
      entry,
      keys: [
        ...(isOwn ? [keyOf(RTN_LOCAL, family, bits, entry.index, address)] : []),
        ...(hasSubnet ? [keyOf(subnetType, family, length, entry.index, masked(address, length))] : []),
      ],
    })
  }

  /** @param payload of an RTM_NEWROUTE */
  see(payload: Buffer): void {
    if (payload[5] !== RTPROT_KERNEL || !isIpRoute(payload)) return
    const attributes = new Attributes(payload, RTMSG_LENGTH)
    const destination = attributes.get(RTA_DST)
    const { 0: family = 0, 1: length = 0, 7: type = 0 } = payload
    if (destination) this.found.add(keyOf(type, family, length, attributes.u32(RTA_OIF), destination))
  }

  /** Marks the addresses, when all routes have been seen. */
  mark(): void {
    for (const { entry, keys } of this.expected) if (keys.some((key) => !this.found.has(key))) entry.disconnected = true
  }
}

const keyOf = (type: number, family: number, length: number, index: number, destination: Buffer): string =>
  `${type} ${family} ${length} ${index} ${destination.toString('latin1')}`

function masked(address: Buffer, length: number): Buffer {
  const bytes = Buffer.from(address)
  for (const [at, byte] of bytes.entries()) bytes[at] = byte & (0xff00 >> Math.min(8, Math.max(0, length - 8 * at)))
  return bytes
}
