// Finds what hangs on an end of a link and would be lost with it.
import { constants } from 'node:os'
import { KernelError, LabError } from '../../errors.js'
import { listHooked } from '../../kernel/netlink/nftables.js'
import { listMulticast, parseMulticast } from '../../kernel/netlink/rtnl/bridge-mdb.js'
import { getLink, listLinks, parseLink } from '../../kernel/netlink/rtnl/link.js'
import { listNexthops, parseNexthop } from '../../kernel/netlink/rtnl/nexthop.js'
import { backupPort, hasXdp, masterKind, vxlanLink } from '../../kernel/netlink/rtnl/same-link.js'
import { NetlinkSocket } from '../../kernel/netlink/socket.js'
import { NETLINK_NETFILTER } from '../../kernel/scratch.js'
import { refuseForeign } from './disciplines.js'
import { endText, type LinkEnd } from './endpoint.js'
import type { LabNetwork } from './lab-network.js'

const HINT =
  'write `emulation: wire` for this link in the file, so that nothing has to be replaced, or take that away first'
/** What a link may be a member of, and becomes one of again. */
const RESTORED_MASTERS: readonly (string | null)[] = [null, 'bridge', 'vrf']

/** @throws LabError KERNEL_REFUSED that names what hangs on the end */
export async function refuseAttached(network: LabNetwork, end: LinkEnd): Promise<void> {
  const found = await attachedTo(network, end)
  if (found !== null)
    throw new LabError('KERNEL_REFUSED', `${endText(end)} cannot be replaced by a wire: ${found}`, { hint: HINT })
  const { node, interface: name, index } = end
  await refuseForeign(network.of(node), { node: node.name, interface: name, index, mtu: 0 }, 'any')
}

/** A sentence; null for nothing. */
async function attachedTo(network: LabNetwork, end: LinkEnd): Promise<string | null> {
  const socket = network.of(end.node)
  const own = await socket.get(getLink({ target: endText(end), index: end.index }))
  const master = masterKind(own)
  if (!RESTORED_MASTERS.includes(master)) return `it is a member of a ${master}`
  if (hasXdp(own)) return 'an XDP program is attached to it'
  for (const payload of await socket.dump(listLinks())) {
    const { index, name, kind, peerIndex, peerNetnsId } = parseLink(payload)
    const isAbove = kind !== 'veth' && index !== end.index && peerNetnsId === null && peerIndex === end.index
    if (isAbove || (kind === 'vxlan' && vxlanLink(payload) === end.index)) return `the ${kind} ${name} stands on it`
    if (backupPort(payload) === end.index) return `it is the backup_port of ${name}`
  }
  const group = (await socket.dump(listMulticast()).catch(unlessUnknown))
    .flatMap(parseMulticast)
    .find(({ index, permanent }) => permanent && index === end.index)
  if (group) return `the permanent mdb entry ${group.group} leads to it`
  const nexthop = (await socket.dump(listNexthops()).catch(unlessUnknown))
    .map(parseNexthop)
    .find(({ hop }) => 'index' in hop && hop.index === end.index)
  if (nexthop) return `the next-hop object ${nexthop.id} leads over it`
  const { name } = parseLink(own)
  const hooked = await hookedTo(network, end, name)
  return hooked === null ? null : `nftables’ ${hooked} hangs on it`
}

/** The name of a chain or a flow table; null for none. */
async function hookedTo(network: LabNetwork, end: LinkEnd, name: string): Promise<string | null> {
  let nft: NetlinkSocket
  try {
    nft = network.visit(end.node, () =>
      NetlinkSocket.open(null, { describe: end.node.name, protocol: NETLINK_NETFILTER }),
    )
  } catch (error) {
    unlessUnknown(error)
    return null
  }
  using _ = nft
  for (const { request, parse } of listHooked()) {
    const all = (await nft.dump(request).catch(unlessUnknown)).map(parse)
    const found = all.find(({ interfaces }) => interfaces.includes(name))
    if (found) return found.name
  }
  return null
}

const { EINVAL, EOPNOTSUPP, EPROTONOSUPPORT } = constants.errno

/** Of a kernel without the objects, there are none. */
function unlessUnknown(error: unknown): Buffer[] {
  if (error instanceof KernelError && [EINVAL, EOPNOTSUPP, EPROTONOSUPPORT].includes(error.errno)) return []
  throw error
}
