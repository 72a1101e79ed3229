// Reads what a link's kind has of its own (IFLA_INFO_DATA): the reverse of the builders in the kinds' files. Apart from
// `parseLink`, so that only a caller who compares a link pays for it.
import { readBond } from './bond.js'
import { readBridge } from './bridge.js'
import { IFINFOMSG_LENGTH, IFLA_INFO_DATA, IFLA_INFO_KIND, IFLA_LINKINFO } from './constants.js'
import { readGeneve } from './geneve.js'
import { readGre } from './gre.js'
import { readIp6tnl, readIpTunnel } from './ip-tunnel.js'
import { readIpvlan } from './ipvlan.js'
import { readMacvlan } from './macvlan.js'
import type { NewLinkKind } from './new-link.js'
import { readPlain } from './plain-kinds.js'
import { Attributes, textOf } from './reader.js'
import { readTun } from './tun.js'
import { readVeth } from './veth.js'
import { readVlan } from './vlan.js'
import { readVrf } from './vrf.js'
import { readVxlan } from './vxlan.js'

/** IFLA_INFO_KIND of every kind that nslab makes. A tap is a `tun` with a mode. */
export type LinkKind = NewLinkKind | 'tun'

/** By kind; given the attributes of IFLA_INFO_DATA, and those of the whole link. */
const READERS = {
  bond: readBond,
  bridge: readBridge,
  dummy: readPlain,
  geneve: readGeneve,
  gre: readGre,
  gretap: readGre,
  ifb: readPlain,
  ip6gre: readGre,
  ip6gretap: readGre,
  ip6tnl: readIp6tnl,
  ipip: readIpTunnel,
  ipvlan: readIpvlan,
  macvlan: readMacvlan,
  sit: readIpTunnel,
  tun: readTun,
  veth: readVeth,
  vlan: readVlan,
  vrf: readVrf,
  vxlan: readVxlan,
  wireguard: readPlain,
} satisfies Record<LinkKind, (data: Attributes, link: Attributes) => object>

/** A kind, and the settings that its builder takes beside those of every link (NewLink). */
export type LinkSettings = { [K in LinkKind]: { kind: K } & ReturnType<(typeof READERS)[K]> }[LinkKind]

const NO_DATA = Buffer.alloc(0)

/** Reads the payload of an RTM_NEWLINK; null for the loopback interface, a card, and a kind that nslab does not make. */
export function parseLinkSettings(payload: Buffer): LinkSettings | null {
  const link = new Attributes(payload, IFINFOMSG_LENGTH)
  const info = link.get(IFLA_LINKINFO)
  if (!info) return null
  const own = new Attributes(info)
  const kind = textOf(own.get(IFLA_INFO_KIND))
  if (!isLinkKind(kind)) return null
  const data = new Attributes(own.get(IFLA_INFO_DATA) ?? NO_DATA)
  return { kind, ...READERS[kind](data, link) } as LinkSettings
}

const isLinkKind = (kind: string | null): kind is LinkKind => kind !== null && Object.hasOwn(READERS, kind)
