// Kinds that stand alone: loopback, veth, dummy, ifb, tun, tap, and devices of the machine.
import { ALONE, DEFAULT_MTU, type InterfaceTraits, kernelSupport, LOOPBACK_MTU } from './traits.js'

/** A device of the machine, which the node has while the lab runs. */
export interface HostDeviceSettings {
  kind: 'device'
  /** Its name on the machine. */
  device: string
}

export interface PlainSettings {
  kind: 'dummy' | 'ifb'
}

/** A device with a program at its other end. */
export interface TunSettings {
  kind: 'tun' | 'tap'
}

/** Every node has its loopback, and links have veth ends: neither is written under `interfaces`. */
export const LINK_TRAITS = {
  loopback: {
    ...ALONE,
    isEthernet: false,
    mtu: LOOPBACK_MTU,
    mac: 'none',
    carrier: 'always',
    identity: null,
    kernel: null,
  },
  veth: {
    ...ALONE,
    isEthernet: true,
    mtu: 'link',
    mac: 'computed',
    carrier: 'always',
    identity: null,
    kernel: kernelSupport('virtual Ethernet pairs', 'no links between nodes', 'CONFIG_VETH', 'veth'),
  },
} as const satisfies { loopback: InterfaceTraits<{ kind: 'loopback' }>; veth: InterfaceTraits<{ kind: 'veth' }> }

export const PLAIN_TRAITS = {
  dummy: {
    ...ALONE,
    isEthernet: true,
    mtu: DEFAULT_MTU,
    mac: 'computed',
    carrier: 'always',
    identity: null,
    kernel: kernelSupport(
      'dummy interfaces',
      'no dummy interfaces; put addresses on lo instead',
      'CONFIG_DUMMY',
      'dummy',
    ),
  },
  ifb: {
    ...ALONE,
    isEthernet: true,
    mtu: DEFAULT_MTU,
    mac: 'computed',
    carrier: 'always',
    identity: null,
    kernel: kernelSupport(
      'intermediate functional blocks',
      'no shaping of what an interface receives',
      'CONFIG_IFB',
      'ifb',
    ),
  },
  tun: {
    ...ALONE,
    isEthernet: false,
    mtu: DEFAULT_MTU,
    mac: 'none',
    carrier: 'outside',
    identity: null,
    kernel: null,
  },
  tap: {
    ...ALONE,
    isEthernet: true,
    mtu: DEFAULT_MTU,
    mac: 'computed',
    carrier: 'outside',
    identity: null,
    kernel: null,
  },
  device: {
    ...ALONE,
    isEthernet: true,
    mtu: DEFAULT_MTU,
    mac: 'kernel',
    carrier: 'outside',
    identity: ({ device }) => ({ text: device, key: 'device', scope: 'machine' }),
    kernel: null,
  },
} as const satisfies {
  dummy: InterfaceTraits<PlainSettings>
  ifb: InterfaceTraits<PlainSettings>
  tun: InterfaceTraits<TunSettings>
  tap: InterfaceTraits<TunSettings>
  device: InterfaceTraits<HostDeviceSettings>
}

export type PlainKindSettings = PlainSettings | TunSettings | HostDeviceSettings
