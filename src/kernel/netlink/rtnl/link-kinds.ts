// Every kind of link that route netlink makes: the functions that make one and read its settings back, and the attributes that
// the smallest request for one needs.
import type { KernelLinkKind } from '../../../features.js'
import { createBond, readBond } from './bond.js'
import { createBridge, readBridge } from './bridge.js'
import { createGeneve, readGeneve } from './geneve.js'
import { createGre, readGre } from './gre.js'
import { addressBytes } from './ip.js'
import { createIpTunnel, readIp6tnl, readIpTunnel } from './ip-tunnel.js'
import { createIpvlan, readIpvlan } from './ipvlan.js'
import { createMacvlan, readMacvlan } from './macvlan.js'
import type { NewLink } from './new-link.js'
import { createPlain, type PlainKind, readPlain } from './plain-kinds.js'
import type { Attributes } from './reader.js'
import type { Request } from './request.js'
import { createVeth, readVeth } from './veth.js'
import { createVlan, readVlan } from './vlan.js'
import { createVrf, readVrf } from './vrf.js'
import { createVxlan, readVxlan } from './vxlan.js'

/** ifindex of one end of a veth pair, on which VLANs, macvlans and queueing disciplines are made. */
export const LOWER = 100
/** ifindex of an end of another pair, for ipvlan: macvlan and ipvlan cannot share a lower device. */
export const OTHER_LOWER = 101

/** An attribute of IFLA_INFO_DATA: its number and its value. */
type Data = readonly [type: number, value: Uint8Array]

const u16 = (value: number): Uint8Array => new Uint8Array(Uint16Array.of(value).buffer)
const u32 = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer)
const ends = (types: readonly [number, number], local: string, remote: string): Data[] => [
  [types[0], addressBytes(local)],
  [types[1], addressBytes(remote)],
]
/** IFLA_GRE_LOCAL and _REMOTE, IFLA_IPTUN_LOCAL and _REMOTE (linux/if_tunnel.h). */
const GRE_ENDS = [6, 7] as const
const TUNNEL_ENDS = [2, 3] as const
const IPV4_ENDS = ['192.0.2.1', '192.0.2.2'] as const
const IPV6_ENDS = ['2001:db8::1', '2001:db8::2'] as const

/** The attributes of the smallest request for a kind (linux/if_link.h). */
export interface LinkNeeds {
  /** ifindex of the device below. */
  lower?: number
  data?: readonly Data[]
}

interface LinkKindTools {
  /** The request that makes a link with the settings of its kind. */
  create: (link: never) => Request
  /** Reads the attributes of IFLA_INFO_DATA and, where the kind has settings there, those of the whole link. */
  read: (data: Attributes, link: Attributes) => object
  needs: LinkNeeds
}

const plain = (kind: PlainKind) => ({ create: (link: NewLink) => createPlain(kind, link), read: readPlain, needs: {} })

export const LINK_KINDS = {
  bond: { create: createBond, read: readBond, needs: {} },
  bridge: { create: createBridge, read: readBridge, needs: {} },
  dummy: plain('dummy'),
  // IFLA_GENEVE_ID and _REMOTE
  geneve: {
    create: createGeneve,
    read: readGeneve,
    needs: {
      data: [
        [1, u32(1)],
        [2, addressBytes(IPV4_ENDS[1])],
      ],
    },
  },
  gre: { create: createGre, read: readGre, needs: { data: ends(GRE_ENDS, ...IPV4_ENDS) } },
  gretap: { create: createGre, read: readGre, needs: { data: ends(GRE_ENDS, ...IPV4_ENDS) } },
  ifb: plain('ifb'),
  ip6gre: { create: createGre, read: readGre, needs: { data: ends(GRE_ENDS, ...IPV6_ENDS) } },
  ip6gretap: { create: createGre, read: readGre, needs: { data: ends(GRE_ENDS, ...IPV6_ENDS) } },
  ip6tnl: { create: createIpTunnel, read: readIp6tnl, needs: { data: ends(TUNNEL_ENDS, ...IPV6_ENDS) } },
  ipip: { create: createIpTunnel, read: readIpTunnel, needs: { data: ends(TUNNEL_ENDS, ...IPV4_ENDS) } },
  ipvlan: { create: createIpvlan, read: readIpvlan, needs: { lower: OTHER_LOWER } },
  macvlan: { create: createMacvlan, read: readMacvlan, needs: { lower: LOWER } },
  sit: { create: createIpTunnel, read: readIpTunnel, needs: { data: ends(TUNNEL_ENDS, ...IPV4_ENDS) } },
  veth: { create: createVeth, read: readVeth, needs: {} },
  vlan: { create: createVlan, read: readVlan, needs: { lower: LOWER, data: [[1, u16(1)]] } }, // IFLA_VLAN_ID
  vrf: { create: createVrf, read: readVrf, needs: { data: [[1, u32(10)]] } }, // IFLA_VRF_TABLE
  vxlan: { create: createVxlan, read: readVxlan, needs: { data: [[1, u32(1)]] } }, // IFLA_VXLAN_ID
  wireguard: plain('wireguard'),
} as const satisfies Record<KernelLinkKind, LinkKindTools>
