// Makes the netlink request that creates a device. Most settings have the same names and values in a topology and in a request;
// the others are converted here.
import { createBond } from '../../kernel/netlink/rtnl/bond.js'
import { createBridge } from '../../kernel/netlink/rtnl/bridge.js'
import { LINK_KINDS } from '../../kernel/netlink/rtnl/link-kinds.js'
import type { NewLink } from '../../kernel/netlink/rtnl/new-link.js'
import type { Request } from '../../kernel/netlink/rtnl/request.js'
import { createVxlan } from '../../kernel/netlink/rtnl/vxlan.js'
import { referencesOf, type SettingsFor } from '../../model/interfaces/kinds.js'
import type { ReferenceKey } from '../../model/interfaces/traits.js'
import type { BridgeAdd, LinkAdd } from '../../plan/op.js'
import { targetOf } from '../../plan/target.js'

/** Settings in which interfaces are named by ifindex. */
type Indexed<S> = { [Key in keyof S]: Key extends ReferenceKey ? Exclude<S[Key], string> | number : S[Key] }

/** Kinds whose settings are not converted. Does not compile for a kind whose request needs other settings. */
const UNCONVERTED: {
  [K in Exclude<LinkAdd['settings']['kind'], 'bond' | 'vxlan'>]: {
    create: (link: NewLink & Indexed<SettingsFor<K>>) => Request
  }
} = LINK_KINDS

export function bridgeRequest(op: BridgeAdd): Request {
  const { settings } = op
  return createBridge({
    ...linkOf(op),
    forwardDelaySeconds: settings?.forward_delay,
    helloTimeSeconds: settings?.hello_time,
    maxAgeSeconds: settings?.max_age,
    ageingSeconds: settings?.ageing,
    stp: settings?.stp,
    priority: settings?.priority,
    vlanFiltering: settings?.vlan_filtering,
    multicastSnooping: settings?.multicast_snooping,
    defaultPvid: settings?.default_pvid,
    groupFwdMask: settings?.group_fwd_mask,
  })
}

export function deviceRequest(op: LinkAdd): Request {
  const { settings } = op
  const link = linkOf(op)
  const indexes = Object.fromEntries(referencesOf(settings).map(({ key, name }) => [key, op.indexes[name]]))
  switch (settings.kind) {
    case 'vxlan': {
      const { id, remote, local, ttl, learning, dstport } = settings
      return createVxlan({ ...link, id, remote: remote[0], local, dev: indexes.dev, ttl, learning, dstport })
    }
    case 'bond':
      return createBond({
        ...link,
        mode: settings.mode,
        miimonMs: settings.miimon,
        updelayMs: settings.updelay,
        downdelayMs: settings.downdelay,
        primary: indexes.primary,
        xmitHashPolicy: settings.xmit_hash_policy,
        minLinks: settings.min_links,
        lacpRate: settings.lacp_rate,
      })
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
