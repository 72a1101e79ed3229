// The smallest requests that make a device or a queueing discipline of each kind, to find out which kinds the kernel has.
// They are sent in this order to an empty network namespace, which is thrown away afterwards.

import type { KernelLinkKind } from '../../../features.js'
import { KINDS } from '../../../features.js'
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
import type { Kind } from './kind.js'
import { LINK_KINDS, type LinkNeeds, LOWER, OTHER_LOWER } from './link-kinds.js'
import type { Request } from './request.js'

const TCMSG_LENGTH = 20
export interface KindProbe {
  kind: Kind
  request: Request
}

const u16 = (value: number): Uint8Array => new Uint8Array(Uint16Array.of(value).buffer)
const u32 = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer)

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
  const { lower, data }: LinkNeeds = LINK_KINDS[kind as KernelLinkKind].needs
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
