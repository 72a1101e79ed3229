// What a device needs beside a name, an index, a MAC address and an MTU, once everything in it is resolved.

import type { WireguardSettings } from '../topology/interfaces/wireguard-warnings.js'
import type { Device, DeviceKind } from '../topology/schema/interfaces/interfaces.js'

/** What is kept elsewhere in a resolved interface. */
type Elsewhere = 'addresses' | 'mac' | 'mtu' | 'up' | 'members' | 'vlans'

type SettingsOf<K extends DeviceKind> = { [E in K]: Omit<Device<E>, Elsewhere> }[K]

/** As written, but `remote` and `local` are addresses. */
export type DeviceSettings =
  | SettingsOf<Exclude<DeviceKind, 'vxlan' | 'wireguard'>>
  | (Omit<SettingsOf<'vxlan'>, 'remote'> & { remote: string[] })
  | WireguardSettings

/** Settings of one kind. */
export type SettingsFor<K extends DeviceKind> = Extract<DeviceSettings, { kind: K }>

/** VLANs of a bridge's port, or of the bridge itself. */
export interface PortVlans {
  interface: string
  /** VLAN that the kernel gives it at first and that it does not have; null where it has it. */
  without: number | null
  untagged: number | null
  tagged: number[]
}
