// Ports and VLANs of bridges, and the remotes of VXLANs, as the kernel reports them, in the words of a plan. Pure.
import { parseBridgePort } from '../../kernel/netlink/rtnl/bridge-port.js'
import { parseBridgeVlans } from '../../kernel/netlink/rtnl/bridge-vlan.js'
import { parseFlood } from '../../kernel/netlink/rtnl/forwarding.js'
import type { BridgePortSet, BridgeVlanChange, FloodAdd } from '../../plan/op.js'
import type { ReadLink } from './interfaces.js'
import type { LinkTable } from './links.js'

/** All settings of a port, whether or not a file has any. @param payload of the RTM_NEWLINK of the interface */
export function portEntry(payload: Buffer, node: string, link: ReadLink): BridgePortSet | null {
  const port = link.master === null ? null : parseBridgePort(payload)
  if (port === null) return null
  const { cost, priority, groupFwdMask } = port
  const target = { node, interface: link.name, index: link.index }
  return { op: 'bridge-port.set', ...target, cost, priority, group_fwd_mask: groupFwdMask }
}

/** Whether a link is a bridge that looks at VLANs; of the others, those that the kernel gives every port mean nothing. */
export const filtersVlans = ({ kind, settings }: ReadLink): boolean =>
  kind === 'bridge' && settings?.vlan_filtering === true

/**
 * The VLANs of a port, or of the bridge itself: also the one that the kernel gives every port (`default_pvid`).
 *
 * @param payload of an RTM_NEWLINK of the bridge family
 */
export function vlanEntries(payload: Buffer, { node, links, nameOf }: LinkTable): BridgeVlanChange[] {
  return parseBridgeVlans(payload).flatMap(({ index, vid, untagged, self }) => {
    const master = self ? index : links.get(index)?.master
    const bridge = master === null || master === undefined ? undefined : links.get(master)
    if (!bridge || !filtersVlans(bridge)) return []
    return [{ op: 'bridge-vlan.add', node, interface: nameOf(index), index, vid, untagged, self } as const]
  })
}

/** A remote beside the one that is a setting of the VXLAN itself. @param payload of an RTM_NEWNEIGH of the bridge family */
export function floodEntry(payload: Buffer, { node, links, nameOf }: LinkTable): FloodAdd | undefined {
  const flood = parseFlood(payload)
  if (!flood) return undefined
  const { index, remote } = flood
  const own = links.get(index)?.settings?.remote
  if (Array.isArray(own) && own.includes(remote)) return undefined
  return { op: 'flood.add', node, interface: nameOf(index), index, remote }
}
