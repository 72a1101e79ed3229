// Finds out which kind of device, queueing discipline or classifier a request makes, and whether the kernel refused the request because
// it lacks that kind. Reads the encoded request, so that it works for every builder.
import type { KindOption, KindTable } from '../../../features.js'
import type { Refusal } from './answers.js'
import { VLAN_FILTERING } from './bridge.js'
import {
  ENOENT,
  EOPNOTSUPP,
  IFINFOMSG_LENGTH,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINKINFO,
  NLM_F_CREATE,
  RTM_NEWLINK,
  RTM_NEWQDISC,
  RTM_NEWTFILTER,
  TCA_KIND,
} from './constants.js'
import { Attributes, textOf } from './reader.js'
import type { Request } from './request.js'
import { TCMSG_LENGTH } from './tc/message.js'
import { MessageWriter } from './writer.js'

export interface Kind {
  table: KindTable
  /** The kernel's name of the kind, such as `vlan` or `netem`. */
  name: string
}

const HEADER_LENGTH = 16
/** The longest request that the socket can send (DATAGRAM_BYTES there). */
const ROOM = 16_384

/**
 * The errors for a kind that the kernel does not know: rtnl_newlink in net/core/rtnetlink.c, qdisc_create in
 * net/sched/sch_api.c, tcf_proto_lookup_ops in net/sched/cls_api.c. Each errno has other meanings too, such as a parent that does not exist; the text tells them apart
 * where the kernel sends one. Older kernels have the second text for queueing disciplines.
 */
const UNKNOWN: Record<KindTable, { errno: number; texts: readonly string[] }> = {
  link: { errno: EOPNOTSUPP, texts: ['Unknown device type'] },
  qdisc: { errno: ENOENT, texts: ['Specified qdisc kind is unknown', 'Specified qdisc not found'] },
  filter: { errno: ENOENT, texts: ['TC classifier not found', 'Specified TC classifier not found'] },
}

/** What the kernel was built without: the whole kind, or one option of it. */
export interface Lack extends Kind {
  option?: KindOption
}

/** The kind or option that the kernel lacks, if that is why it refused the request; null for every other refusal. */
export function lackedKind(request: Request, { errno, extack }: Pick<Refusal, 'errno' | 'extack'>): Lack | null {
  const kind = kindOf(request)
  if (!kind) return null
  const unknown = UNKNOWN[kind.table]
  if (errno !== unknown.errno) return null
  // The kernel refuses a missing CONFIG_BRIDGE_VLAN_FILTERING without a text; for a missing kind it always sends one. So an
  // error without text means the option.
  if (extack === undefined && hasVlanFiltering(request, kind)) return { ...kind, option: 'vlan_filtering' }
  return extack === undefined || unknown.texts.includes(extack) ? kind : null
}

/** Whether a request sets VLAN filtering of a bridge. A kernel without the option refuses it even when it is set to off. */
function hasVlanFiltering(request: Request, { table, name }: Kind): boolean {
  if (table !== 'link' || name !== 'bridge') return false
  const info = attributesOf(request, IFINFOMSG_LENGTH).get(IFLA_LINKINFO)
  const data = info && new Attributes(info).get(IFLA_INFO_DATA)
  return data !== undefined && new Attributes(data).get(VLAN_FILTERING) !== undefined
}

/** The kind of device, queueing discipline or classifier that a request makes; null when it makes none. */
export function kindOf(request: Request): Kind | null {
  if (!(request.flags & NLM_F_CREATE)) return null
  if (request.type === RTM_NEWLINK) {
    const info = attributesOf(request, IFINFOMSG_LENGTH).get(IFLA_LINKINFO)
    return kind('link', info && new Attributes(info).get(IFLA_INFO_KIND))
  }
  if (request.type === RTM_NEWQDISC) return kind('qdisc', attributesOf(request, TCMSG_LENGTH).get(TCA_KIND))
  if (request.type === RTM_NEWTFILTER) return kind('filter', attributesOf(request, TCMSG_LENGTH).get(TCA_KIND))
  return null
}

function kind(table: KindTable, value: Buffer | undefined): Kind | null {
  const name = textOf(value)
  return name === null ? null : { table, name }
}

/** The attributes of a request after the header of its family. */
export function attributesOf(request: Request, headerLength: number): Attributes {
  const writer = new MessageWriter(Buffer.alloc(ROOM))
  const start = writer.begin(request.type, request.flags, 0)
  request.encode(writer)
  writer.end(start)
  return new Attributes(writer.buffer.subarray(0, writer.length), HEADER_LENGTH + headerLength)
}
