// What the interfaces of a resolved topology stand on, and where their tunnels lead.
import type { DeviceSettings } from '../model/interfaces/kinds.js'
import type { InterfaceView, PortVlansView } from '../model/lab-view.js'
import type { ResolvedInterface } from '../model/resolved.js'

/** The VLAN that the kernel gives every port of a bridge (`default_pvid`). */
const DEFAULT_VLAN = 1

/** The parts of a view that follow from the settings of the interface's kind. */
export function stackOf(settings: DeviceSettings): Pick<InterfaceView, 'parent' | 'vlan' | 'tunnel'> {
  switch (settings.kind) {
    case 'vlan':
      return { parent: settings.parent, vlan: { id: settings.id, protocol: settings.protocol } }
    case 'macvlan':
    case 'ipvlan':
      return { parent: settings.parent }
    case 'vxlan':
      return { tunnel: { id: settings.id, local: settings.local ?? null, remotes: settings.remote } }
    case 'geneve':
      return { tunnel: { id: settings.id, local: null, remotes: [settings.remote] } }
    case 'gre':
    case 'gretap':
    case 'ip6gre':
    case 'ip6gretap':
      return { tunnel: { id: settings.key ?? null, local: settings.local ?? null, remotes: [settings.remote] } }
    case 'ipip':
    case 'sit':
    case 'ip6tnl':
      return { tunnel: { id: null, local: settings.local ?? null, remotes: [settings.remote] } }
    case 'bridge':
    case 'bond':
    case 'vrf':
    case 'dummy':
    case 'ifb':
    case 'tun':
    case 'tap':
    case 'device':
    case 'wireguard':
      return {}
  }
}

/** The VLANs of a port of a bridge that looks at VLANs; undefined for any other interface. */
export function portVlansOf(
  { name, master }: ResolvedInterface,
  interfaces: readonly ResolvedInterface[],
): PortVlansView | undefined {
  const bridge = interfaces.find((each) => each.name === master)
  if (bridge?.settings?.kind !== 'bridge' || bridge.settings.vlan_filtering !== true) return undefined
  const written = bridge.vlans?.find((port) => port.interface === name)
  const { default_pvid: pvid = DEFAULT_VLAN } = bridge.settings
  if (!written) return { untagged: pvid === 0 ? null : pvid, tagged: [] }
  const kept = written.without === null && pvid !== 0 ? pvid : null
  return { untagged: written.untagged ?? kept, tagged: [...written.tagged].sort((a, b) => a - b) }
}
