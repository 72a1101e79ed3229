// The smallest requests that make a device, a queueing discipline or a filter of each kind, to find out which kinds the kernel has.
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
import { addSourceFilter } from './tc/filter.js'
import { handle, writeHeader } from './tc/message.js'
import { replaceQdisc } from './tc/qdisc.js'
import { isQdiscKind, QDISC_KINDS, type QdiscSettings } from './tc/qdisc-kinds.js'

export interface KindProbe {
  kind: Kind
  request: Request
}

const u32 = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer)

/** TCA_OPTIONS of disciplines that nslab only probes, and that cannot be made without (linux/pkt_sched.h). */
const QDISC_OPTIONS: Record<string, Uint8Array> = {
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
  ...[...KINDS.filter.keys()].map((name) => ({ kind: { table: 'filter', name } as const, request: filterRequest() })),
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
  const where = { target: 'p-veth', index: LOWER, handle: 0, parent: kind === 'clsact' ? TC_H_CLSACT : TC_H_ROOT }
  if (isQdiscKind(kind)) {
    const replace = replaceQdisc({ ...where, qdisc: { kind, ...QDISC_KINDS[kind].smallest } as QdiscSettings })
    return { ...replace, operation: `create ${kind}` }
  }
  const options = QDISC_OPTIONS[kind]
  return {
    operation: `create ${kind}`,
    target: where.target,
    type: RTM_NEWQDISC,
    flags: NLM_F_CREATE | NLM_F_REPLACE,
    encode: (writer) => {
      writeHeader(writer, where)
      writer.text(TCA_KIND, kind)
      if (options) writer.bytes(TCA_OPTIONS, options)
    },
  }
}

/** A filter of the last discipline that was made: u32 is the only kind that nslab makes. */
const filterRequest = (): Request => {
  const where = { target: 'p-veth', index: LOWER, parent: 0, priority: 1 }
  const add = addSourceFilter({ ...where, mac: '02:00:00:00:00:01', classId: handle(1, 1) })
  return { ...add, operation: 'create u32' }
}
