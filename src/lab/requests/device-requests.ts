// Makes the netlink request that creates a device. Most settings have the same names and values in a topology and in a request;
// the others are converted by device-settings.ts.
import { createBond } from '../../kernel/netlink/rtnl/bond.js'
import { createBridge } from '../../kernel/netlink/rtnl/bridge.js'
import { LINK_KINDS } from '../../kernel/netlink/rtnl/link-kinds.js'
import type { NewLink } from '../../kernel/netlink/rtnl/new-link.js'
import type { Request } from '../../kernel/netlink/rtnl/request.js'
import { createVxlan } from '../../kernel/netlink/rtnl/vxlan.js'
import { referencesOf, type SettingsFor } from '../../model/interfaces/kinds.js'
import type { BridgeAdd, LinkAdd } from '../../plan/op.js'
import { targetOf } from '../../plan/target.js'
import { bondSettings, bridgeSettings, type Indexed, vxlanSettings } from './device-settings.js'

/** Kinds whose settings are not converted. Does not compile for a kind whose request needs other settings. */
const UNCONVERTED: {
  [K in Exclude<LinkAdd['settings']['kind'], 'bond' | 'vxlan'>]: {
    create: (link: NewLink & Indexed<SettingsFor<K>>) => Request
  }
} = LINK_KINDS

export const bridgeRequest = (op: BridgeAdd): Request =>
  createBridge({ ...linkOf(op), ...(op.settings ? bridgeSettings(op.settings) : {}) })

export function deviceRequest(op: LinkAdd): Request {
  const { settings } = op
  const link = linkOf(op)
  const indexes = Object.fromEntries(referencesOf(settings).map(({ key, name }) => [key, op.indexes[name]]))
  switch (settings.kind) {
    case 'vxlan':
      return createVxlan({ ...link, ...vxlanSettings({ ...settings, ...indexes } as Indexed<SettingsFor<'vxlan'>>) })
    case 'bond':
      return createBond({ ...link, ...bondSettings({ ...settings, ...indexes } as Indexed<SettingsFor<'bond'>>) })
    default: {
      const create = UNCONVERTED[settings.kind].create as (link: object) => Request
      return create({ ...link, ...settings, ...indexes })
    }
  }
}

const linkOf = (op: BridgeAdd | LinkAdd): NewLink => {
  const { interface: name, index, mac, mtu } = op
  return { target: targetOf(op), name, index, mac, mtu }
}
