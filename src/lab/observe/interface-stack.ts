// What interfaces stand on, where their tunnels lead, and the VLANs of ports of bridges, as the kernel has them.
import type { ReadingSocket } from '../../kernel/netlink/reading-socket.js'
import { listBridgeVlans, parseBridgeVlans } from '../../kernel/netlink/rtnl/bridge-vlan.js'
import { listForwarding, parseFlood } from '../../kernel/netlink/rtnl/forwarding.js'
import type { LinkInfo } from '../../kernel/netlink/rtnl/link.js'
import { parseLinkSettings } from '../../kernel/netlink/rtnl/link-settings.js'
import type { InterfaceView, PortVlansView, TunnelView } from '../../model/lab-view.js'

type Stack = Pick<InterfaceView, 'vlan' | 'tunnel'> & {
  /** ifindex of the interface that it stands on. */
  parentIndex?: number
}

/** Reads the payload of an RTM_NEWLINK. A parent in another network namespace is left out. */
export function parseStack(payload: Buffer, { kind, peerNetnsId }: Pick<LinkInfo, 'kind' | 'peerNetnsId'>): Stack {
  if (kind === null || kind === 'veth' || kind === 'loopback' || kind === 'bridge') return {}
  const settings = parseLinkSettings(payload)
  const parentOf = (index: number | null) => (index === null || peerNetnsId !== null ? {} : { parentIndex: index })
  switch (settings?.kind) {
    case 'vlan':
      return {
        ...parentOf(settings.parent),
        vlan: { id: settings.id, protocol: settings.protocol === '802.1ad' ? '802.1ad' : '802.1q' },
      }
    case 'macvlan':
    case 'ipvlan':
      return parentOf(settings.parent)
    case 'vxlan':
    case 'geneve':
      return { tunnel: tunnelOf(settings.id, settings) }
    case 'gre':
    case 'gretap':
    case 'ip6gre':
    case 'ip6gretap':
      return { tunnel: tunnelOf(settings.key ?? null, settings) }
    case 'ipip':
    case 'sit':
    case 'ip6tnl':
      return { tunnel: tunnelOf(null, settings) }
    default:
      return {}
  }
}

const tunnelOf = (
  id: number | null,
  { local, remote }: { local?: string | undefined; remote?: string | undefined },
): TunnelView => ({ id, local: local ?? null, remotes: remote === undefined ? [] : [remote] })

/** A link with what was parsed of it. */
type StackedLink = Pick<LinkInfo, 'index' | 'kind' | 'master'> & {
  stack: Stack
  bridging: Pick<InterfaceView, 'bridge'>
}

/** Reads what the links themselves do not say, where there is a VXLAN, or a bridge that looks at VLANs. */
export function readStacks(
  socket: ReadingSocket,
  links: readonly StackedLink[],
  nameOf: (index: number) => string,
): (link: StackedLink) => Pick<InterfaceView, 'parent' | 'vlan' | 'tunnel' | 'portVlans'> {
  const floods = links.some(({ kind }) => kind === 'vxlan') ? readFloods(socket) : null
  const filtering = new Set(links.flatMap(({ index, bridging }) => (bridging.bridge?.vlanFiltering ? [index] : [])))
  const ports = filtering.size > 0 ? readPortVlans(socket) : null
  return ({ index, master, stack: { parentIndex, tunnel, ...rest } }) => {
    const portVlans = master !== null && filtering.has(master) ? ports?.get(index) : undefined
    const remotes = [...new Set([...(tunnel?.remotes ?? []), ...(floods?.get(index) ?? [])])]
    return {
      ...rest,
      ...(parentIndex === undefined ? {} : { parent: nameOf(parentIndex) }),
      ...(tunnel ? { tunnel: { ...tunnel, remotes } } : {}),
      ...(portVlans ? { portVlans } : {}),
    }
  }
}

/** Remotes of VXLANs for frames to unknown addresses, by ifindex, in the order of the kernel. */
function readFloods(socket: ReadingSocket): ReadonlyMap<number, string[]> {
  const floods = new Map<number, string[]>()
  for (const { index, remote } of socket.dump(listForwarding(), (payload) => parseFlood(payload) ?? undefined)) {
    floods.set(index, [...(floods.get(index) ?? []), remote])
  }
  return floods
}

/** The VLANs of ports, by ifindex. */
function readPortVlans(socket: ReadingSocket): ReadonlyMap<number, PortVlansView> {
  const ports = new Map<number, PortVlansView>()
  for (const { index, vid, pvid, untagged, self } of socket.dump(listBridgeVlans(), parseBridgeVlans).flat()) {
    if (self) continue
    const port = ports.get(index) ?? { untagged: null, tagged: [] }
    ports.set(index, port)
    if (pvid) port.untagged = vid
    if (!untagged) port.tagged.push(vid)
  }
  return ports
}
