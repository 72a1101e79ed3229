// The smallest requests that make a device or a queueing discipline of each kind, to find out which kinds the kernel has.
// They are sent in this order to an empty network namespace, which is thrown away afterwards.
import { type KernelLinkKind, KINDS } from '../../../features.js'
import {
  IFINFOMSG_LENGTH,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINK,
  IFLA_LINKINFO,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  RTM_NEWLINK,
  RTM_NEWQDISC,
  TC_H_CLSACT,
  TC_H_ROOT,
  TCA_KIND,
  TCA_OPTIONS,
} from './constants.js'
import { addressBytes } from './ip.js'
import type { Kind } from './kind.js'
import type { Request } from './request.js'

const TCMSG_LENGTH = 20
/** ifindex of one end of a veth pair, on which VLANs, macvlans and queueing disciplines are made. */
const LOWER = 100
/** ifindex of an end of another pair, for ipvlan: macvlan and ipvlan cannot share a lower device. */
const OTHER_LOWER = 101

export interface KindProbe {
  kind: Kind
  request: Request
}

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

/** What each kind requires (linux/if_link.h): `lower` is the ifindex of the device below, `data` its attributes. */
const LINK_NEEDS: Record<KernelLinkKind, { lower?: number; data?: readonly Data[] }> = {
  veth: {},
  bridge: {},
  dummy: {},
  bond: {},
  wireguard: {},
  ifb: {},
  vlan: { lower: LOWER, data: [[1, u16(1)]] }, // IFLA_VLAN_ID
  vxlan: { data: [[1, u32(1)]] }, // IFLA_VXLAN_ID
  macvlan: { lower: LOWER },
  ipvlan: { lower: OTHER_LOWER },
  vrf: { data: [[1, u32(10)]] }, // IFLA_VRF_TABLE
  gre: { data: ends(GRE_ENDS, ...IPV4_ENDS) },
  gretap: { data: ends(GRE_ENDS, ...IPV4_ENDS) },
  ip6gre: { data: ends(GRE_ENDS, ...IPV6_ENDS) },
  ip6gretap: { data: ends(GRE_ENDS, ...IPV6_ENDS) },
  ipip: { data: ends(TUNNEL_ENDS, ...IPV4_ENDS) },
  sit: { data: ends(TUNNEL_ENDS, ...IPV4_ENDS) },
  ip6tnl: { data: ends(TUNNEL_ENDS, ...IPV6_ENDS) },
  // IFLA_GENEVE_ID and _REMOTE
  geneve: {
    data: [
      [1, u32(1)],
      [2, addressBytes(IPV4_ENDS[1])],
    ],
  },
}

const attribute = (type: number, value: Uint8Array): Uint8Array =>
  Buffer.concat([u16(4 + value.length), u16(type), value])

/** struct tc_ratespec: 1 MB/s with TC_LINKLAYER_ETHERNET, for which the kernel requires no rate table. */
const RATE = [1 << 8, 0, 1_000_000] as const
const NO_RATE = [0, 0, 0] as const

/** TCA_OPTIONS of the disciplines that cannot be made without (linux/pkt_sched.h). */
const QDISC_OPTIONS: Record<string, Uint8Array> = {
  // struct tc_netem_qopt: latency, limit, loss, gap, duplicate, jitter
  netem: u32(0, 1000, 0, 0, 0, 0),
  // TCA_TBF_PARMS, struct tc_tbf_qopt: rate, peak rate, limit, buffer (in units of 64 ns), mtu
  tbf: attribute(1, u32(...RATE, ...NO_RATE, 1_000_000, 1_000_000, 0)),
  // TCA_HTB_INIT, struct tc_htb_glob: version, rate to quantum, default class, debug, direct packets
  htb: attribute(2, u32(3, 10, 0, 0, 0)),
  // struct tc_prio_qopt: bands, then the band of each of 16 priorities
  prio: Buffer.concat([u32(3), new Uint8Array(16)]),
}

/** Makes the veth pair with OTHER_LOWER; must be sent before the probes. */
export const probeGround = (): Request => linkRequest('veth', 'ground', OTHER_LOWER)

/** One request for every kind of src/features.ts. */
export const kindProbes = (): KindProbe[] => [
  ...[...KINDS.link.keys()].map((name) => ({
    kind: { table: 'link', name } as const,
    request: linkRequest(name, `p-${name}`, name === 'veth' ? LOWER : 0),
  })),
  ...[...KINDS.qdisc.keys()].map((name) => ({
    kind: { table: 'qdisc', name } as const,
    request: qdiscRequest(name),
  })),
]

/** `ip link add NAME type KIND …`; with index 0, the kernel chooses the ifindex. */
function linkRequest(kind: string, name: string, index: number): Request {
  const { lower, data } = LINK_NEEDS[kind as KernelLinkKind]
  return {
    operation: `create ${kind}`,
    target: name,
    type: RTM_NEWLINK,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    encode: (writer) => {
      writer.buffer.writeInt32LE(index, writer.header(IFINFOMSG_LENGTH) + 4)
      writer.text(IFLA_IFNAME, name)
      if (lower !== undefined) writer.u32(IFLA_LINK, lower)
      const info = writer.nest(IFLA_LINKINFO)
      writer.bytes(IFLA_INFO_KIND, Buffer.from(kind))
      if (data) {
        const nest = writer.nest(IFLA_INFO_DATA)
        for (const [type, value] of data) writer.bytes(type, value)
        writer.endNest(nest)
      }
      writer.endNest(info)
    },
  }
}

/** `tc qdisc replace dev … root KIND …`: each discipline replaces the one before, so that one device is enough. */
function qdiscRequest(kind: string): Request {
  const options = QDISC_OPTIONS[kind]
  return {
    operation: `create ${kind}`,
    target: 'p-veth',
    type: RTM_NEWQDISC,
    flags: NLM_F_CREATE | NLM_F_REPLACE,
    encode: (writer) => {
      const start = writer.header(TCMSG_LENGTH)
      writer.buffer.writeInt32LE(LOWER, start + 4)
      writer.buffer.writeUInt32LE(kind === 'clsact' ? TC_H_CLSACT : TC_H_ROOT, start + 12)
      writer.text(TCA_KIND, kind)
      if (options) writer.bytes(TCA_OPTIONS, options)
    },
  }
}
