// Kinds that stand on one other interface, their parent: VLANs, macvlan and ipvlan.
import { type InterfaceTraits, inNode, kernelSupport } from './traits.js'

export interface VlanSettings {
  kind: 'vlan'
  parent: string
  id: number
  protocol: '802.1q' | '802.1ad'
}

export interface MacvlanSettings {
  kind: 'macvlan'
  parent: string
  mode: 'bridge' | 'private' | 'vepa' | 'passthru'
}

export interface IpvlanSettings {
  kind: 'ipvlan'
  parent: string
  mode: 'l2' | 'l3' | 'l3s'
  flag: 'bridge' | 'private' | 'vepa'
}

export const STACKED_TRAITS = {
  vlan: {
    isEthernet: true,
    references: { parent: 'ethernet' },
    parent: { sharesNetwork: false, limitsMtu: true },
    members: null,
    encapsulation: null,
    mtu: 'below',
    mac: 'kernel',
    carrier: 'parent',
    identity: ({ id, parent }) => inNode(`VLAN ${id} of ${parent}`, 'id'),
    kernel: kernelSupport('802.1Q VLANs', 'no VLAN interfaces', 'CONFIG_VLAN_8021Q', '8021q'),
  },
  macvlan: {
    isEthernet: true,
    references: { parent: 'ethernet' },
    parent: { sharesNetwork: true, limitsMtu: true },
    members: null,
    encapsulation: null,
    mtu: 'below',
    mac: 'computed',
    carrier: 'parent',
    identity: null,
    kernel: kernelSupport('macvlan', 'no macvlan interfaces', 'CONFIG_MACVLAN', 'macvlan'),
  },
  ipvlan: {
    isEthernet: true,
    references: { parent: 'ethernet' },
    parent: { sharesNetwork: true, limitsMtu: false },
    members: null,
    encapsulation: null,
    mtu: 'below',
    mac: 'kernel',
    carrier: 'parent',
    identity: null,
    kernel: kernelSupport('ipvlan', 'no ipvlan interfaces', 'CONFIG_IPVLAN', 'ipvlan'),
  },
} as const satisfies {
  vlan: InterfaceTraits<VlanSettings>
  macvlan: InterfaceTraits<MacvlanSettings>
  ipvlan: InterfaceTraits<IpvlanSettings>
}

export type StackedSettings = VlanSettings | MacvlanSettings | IpvlanSettings
