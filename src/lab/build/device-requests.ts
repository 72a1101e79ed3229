// Turns the making of a device into its netlink request: one builder a kind.
import { createBond } from '../../kernel/netlink/rtnl/bond.js'
import { createBridge } from '../../kernel/netlink/rtnl/bridge.js'
import { createGeneve } from '../../kernel/netlink/rtnl/geneve.js'
import { createGre } from '../../kernel/netlink/rtnl/gre.js'
import { createIpTunnel } from '../../kernel/netlink/rtnl/ip-tunnel.js'
import { createIpvlan } from '../../kernel/netlink/rtnl/ipvlan.js'
import { createMacvlan } from '../../kernel/netlink/rtnl/macvlan.js'
import { createPlain } from '../../kernel/netlink/rtnl/plain-kinds.js'
import type { Request } from '../../kernel/netlink/rtnl/request.js'
import { createVlan } from '../../kernel/netlink/rtnl/vlan.js'
import { createVrf } from '../../kernel/netlink/rtnl/vrf.js'
import { createVxlan } from '../../kernel/netlink/rtnl/vxlan.js'
import { type BridgeAdd, type LinkAdd, targetOf } from '../../plan/op.js'

export function bridgeRequest(op: BridgeAdd): Request {
  const { interface: name, index, mac, mtu, settings } = op
  return createBridge({
    ...{ target: targetOf(op), name, index, mac, mtu },
    forwardDelaySeconds: settings?.forward_delay,
    helloTimeSeconds: settings?.hello_time,
    maxAgeSeconds: settings?.max_age,
    ageingSeconds: settings?.ageing,
    stp: settings?.stp,
    priority: settings?.priority,
    vlanFiltering: settings?.vlan_filtering,
    multicastSnooping: settings?.multicast_snooping,
    defaultPvid: settings?.default_pvid,
  })
}

export function deviceRequest(op: LinkAdd): Request {
  const { interface: name, index, mac, mtu, settings } = op
  const link = { target: targetOf(op), name, index, mac, mtu }
  const indexOf = (other: string | undefined) => (other === undefined ? undefined : op.indexes[other])
  const parent = ('parent' in settings ? indexOf(settings.parent) : undefined) ?? 0
  switch (settings.kind) {
    case 'vlan':
      return createVlan({ ...link, parent, id: settings.id, protocol: settings.protocol })
    case 'vxlan': {
      const { id, remote, local, dev, ttl, learning, dstport } = settings
      return createVxlan({ ...link, id, remote: remote[0], local, dev: indexOf(dev), ttl, learning, dstport })
    }
    case 'macvlan':
      return createMacvlan({ ...link, parent, mode: settings.mode })
    case 'ipvlan':
      return createIpvlan({ ...link, parent, mode: settings.mode, flag: settings.flag })
    case 'vrf':
      return createVrf({ ...link, table: settings.table })
    case 'bond':
      return createBond({
        ...link,
        mode: settings.mode,
        miimonMs: settings.miimon,
        updelayMs: settings.updelay,
        downdelayMs: settings.downdelay,
        primary: indexOf(settings.primary),
        xmitHashPolicy: settings.xmit_hash_policy,
        minLinks: settings.min_links,
        lacpRate: settings.lacp_rate,
      })
    case 'gre':
    case 'gretap':
    case 'ip6gre':
    case 'ip6gretap': {
      const { kind, local, remote, dev, ttl, key } = settings
      return createGre({ ...link, kind, local, remote, dev: indexOf(dev), ttl, key })
    }
    case 'ipip':
    case 'sit': {
      const { kind, local, remote, dev, ttl } = settings
      return createIpTunnel({ ...link, kind, local, remote, dev: indexOf(dev), ttl })
    }
    case 'ip6tnl': {
      const { kind, local, remote, dev, ttl, mode } = settings
      return createIpTunnel({ ...link, kind, local, remote, dev: indexOf(dev), ttl, mode })
    }
    case 'geneve': {
      const { id, remote, ttl, dstport } = settings
      return createGeneve({ ...link, id, remote, ttl, dstport })
    }
    case 'dummy':
    case 'ifb':
    case 'wireguard':
      return createPlain(settings.kind, link)
  }
}
