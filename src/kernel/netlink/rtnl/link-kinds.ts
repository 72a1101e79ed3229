// Every kind of link that route netlink makes: what reads its settings back, and what a request needs to make one at all.
import type { KernelLinkKind } from '../../../features.js'
import { readBond } from './bond.js'
import { readBridge } from './bridge.js'
import { readGeneve } from './geneve.js'
import { readGre } from './gre.js'
import { addressBytes } from './ip.js'
import { readIp6tnl, readIpTunnel } from './ip-tunnel.js'
import { readIpvlan } from './ipvlan.js'
import { readMacvlan } from './macvlan.js'
import { readPlain } from './plain-kinds.js'
import type { Attributes } from './reader.js'
import { readVeth } from './veth.js'
import { readVlan } from './vlan.js'
import { readVrf } from './vrf.js'
import { readVxlan } from './vxlan.js'

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
  /** Reads the attributes of IFLA_INFO_DATA and, where the kind has settings there, those of the whole link. */
  read: (data: Attributes, link: Attributes) => object
  needs: LinkNeeds
}

export const LINK_KINDS = {
  bond: { read: readBond, needs: {} },
  bridge: { read: readBridge, needs: {} },
  dummy: { read: readPlain, needs: {} },
  // IFLA_GENEVE_ID and _REMOTE
  geneve: {
    read: readGeneve,
    needs: {
      data: [
        [1, u32(1)],
        [2, addressBytes(IPV4_ENDS[1])],
      ],
    },
  },
  gre: { read: readGre, needs: { data: ends(GRE_ENDS, ...IPV4_ENDS) } },
  gretap: { read: readGre, needs: { data: ends(GRE_ENDS, ...IPV4_ENDS) } },
  ifb: { read: readPlain, needs: {} },
  ip6gre: { read: readGre, needs: { data: ends(GRE_ENDS, ...IPV6_ENDS) } },
  ip6gretap: { read: readGre, needs: { data: ends(GRE_ENDS, ...IPV6_ENDS) } },
  ip6tnl: { read: readIp6tnl, needs: { data: ends(TUNNEL_ENDS, ...IPV6_ENDS) } },
  ipip: { read: readIpTunnel, needs: { data: ends(TUNNEL_ENDS, ...IPV4_ENDS) } },
  ipvlan: { read: readIpvlan, needs: { lower: OTHER_LOWER } },
  macvlan: { read: readMacvlan, needs: { lower: LOWER } },
  sit: { read: readIpTunnel, needs: { data: ends(TUNNEL_ENDS, ...IPV4_ENDS) } },
  veth: { read: readVeth, needs: {} },
  vlan: { read: readVlan, needs: { lower: LOWER, data: [[1, u16(1)]] } }, // IFLA_VLAN_ID
  vrf: { read: readVrf, needs: { data: [[1, u32(10)]] } }, // IFLA_VRF_TABLE
  vxlan: { read: readVxlan, needs: { data: [[1, u32(1)]] } }, // IFLA_VXLAN_ID
  wireguard: { read: readPlain, needs: {} },
} as const satisfies Record<KernelLinkKind, LinkKindTools>
