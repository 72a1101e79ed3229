// All kinds of interfaces and their traits, family by family. A kind without traits, and traits that lack one, do not compile.
import { MASTER_TRAITS, type MasterSettings } from './masters.js'
import { LINK_TRAITS, PLAIN_TRAITS, type PlainKindSettings } from './plain.js'
import { STACKED_TRAITS, type StackedSettings } from './stacked.js'
import type { Identity, InterfaceTraits, ReferenceKey, ReferenceTo } from './traits.js'
import { TUNNEL_TRAITS, type TunnelKindSettings } from './tunnels.js'
import { WIREGUARD_TRAITS, type WireguardSettings } from './wireguard.js'

/** The settings of an interface beside its name, index, MAC address and MTU, with addresses in place of names of nodes. */
export type DeviceSettings =
  | PlainKindSettings
  | StackedSettings
  | MasterSettings
  | TunnelKindSettings
  | WireguardSettings

/** Kinds of interfaces that are written under `interfaces`. */
export type DeviceKind = DeviceSettings['kind']

/** All kinds of interfaces that a node can have. */
export type InterfaceKind = 'loopback' | 'veth' | DeviceKind

/** Settings of one kind. */
export type SettingsFor<K extends DeviceKind, S extends DeviceSettings = DeviceSettings> = S extends unknown
  ? K extends S['kind']
    ? S
    : never
  : never

/** In the order in which `nslab doctor` lists the kinds. */
export const TRAITS = {
  ...LINK_TRAITS,
  ...STACKED_TRAITS,
  ...PLAIN_TRAITS,
  ...MASTER_TRAITS,
  ...WIREGUARD_TRAITS,
  ...TUNNEL_TRAITS,
} as const satisfies {
  readonly [K in InterfaceKind]: InterfaceTraits<K extends DeviceKind ? SettingsFor<K> : { kind: K }>
}

/** Kinds that have members. */
export type MasterKind = {
  [K in InterfaceKind]: (typeof TRAITS)[K]['members'] extends null ? never : K
}[InterfaceKind]

/** Kinds that the kernel may have been built without. */
export type KernelLinkKind = {
  [K in InterfaceKind]: (typeof TRAITS)[K]['kernel'] extends null ? never : K
}[InterfaceKind]

/** A setting that names another interface of the node. */
export interface Reference {
  key: ReferenceKey
  /** Name of the interface. */
  name: string
  to: ReferenceTo
}

/** The interfaces that one names in its settings. They must be there when it is made. */
export function referencesOf(
  settings: { kind: InterfaceKind } & { [Key in ReferenceKey]?: string | undefined },
): Reference[] {
  return (Object.entries(TRAITS[settings.kind].references) as [ReferenceKey, ReferenceTo][]).flatMap(([key, to]) => {
    const name = settings[key]
    return name === undefined ? [] : [{ key, name, to }]
  })
}

/** The identity of an interface with these settings; null if others can have the same. */
export const identityOf = (settings: DeviceSettings): Identity | null =>
  (TRAITS[settings.kind].identity as ((own: DeviceSettings) => Identity | null) | null)?.(settings) ?? null
