// Which kind of device or queueing discipline a request makes, and whether the kernel refused it because it knows none
// of that kind. Read from the request's own bytes, so that it holds for every builder.
import type { KindOption, KindTable } from '../../../features.js'
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
  TCA_KIND,
} from './constants.js'
import { Attributes, textOf } from './reader.js'
import type { Refusal } from './replies.js'
import type { Request } from './request.js'
import { MessageWriter } from './writer.js'

export interface Kind {
  table: KindTable
  /** The kernel's name, such as `vlan` or `netem`. */
  name: string
}

const HEADER_LENGTH = 16
const TCMSG_LENGTH = 20
/** As long as a datagram of the route socket's. */
const ROOM = 16_384

/**
 * How the kernel says that it knows no kind of a name: rtnl_newlink in net/core/rtnetlink.c, qdisc_create in
 * net/sched/sch_api.c. Each errno has other meanings too (a parent that is not there), so the words decide, where the
 * kernel gives some. Of a queueing discipline, the second are those of older kernels.
 */
const UNKNOWN: Record<KindTable, { errno: number; words: readonly string[] }> = {
  link: { errno: EOPNOTSUPP, words: ['Unknown device type'] },
  qdisc: { errno: ENOENT, words: ['Specified qdisc kind is unknown', 'Specified qdisc not found'] },
}

/** A kind, or the option of it that the kernel was built without. */
export interface Lack extends Kind {
  option?: KindOption
}

/** What the kernel refused to make because it was built without, or null for every other refusal. */
export function lackedKind(request: Request, { errno, extack }: Pick<Refusal, 'errno' | 'extack'>): Lack | null {
  const kind = kindOf(request)
  if (!kind) return null
  const unknown = UNKNOWN[kind.table]
  if (errno !== unknown.errno) return null
  // For want of the option there are no words; kernels that have clone3 do have some for want of the kind.
  if (extack === undefined && hasVlanFiltering(request, kind)) return { ...kind, option: 'vlan_filtering' }
  return extack === undefined || unknown.words.includes(extack) ? kind : null
}

/** Whether a bridge is asked for that looks at tags, or does not: either needs a kernel that could. */
function hasVlanFiltering(request: Request, { table, name }: Kind): boolean {
  if (table !== 'link' || name !== 'bridge') return false
  const info = attributesOf(request, IFINFOMSG_LENGTH).get(IFLA_LINKINFO)
  const data = info && new Attributes(info).get(IFLA_INFO_DATA)
  return data !== undefined && new Attributes(data).get(VLAN_FILTERING) !== undefined
}

/** The kind of what a request makes; null when it makes nothing that has one. */
export function kindOf(request: Request): Kind | null {
  if (!(request.flags & NLM_F_CREATE)) return null
  if (request.type === RTM_NEWLINK) {
    const info = attributesOf(request, IFINFOMSG_LENGTH).get(IFLA_LINKINFO)
    return kind('link', info && new Attributes(info).get(IFLA_INFO_KIND))
  }
  if (request.type === RTM_NEWQDISC) return kind('qdisc', attributesOf(request, TCMSG_LENGTH).get(TCA_KIND))
  return null
}

function kind(table: KindTable, value: Buffer | undefined): Kind | null {
  const name = textOf(value)
  return name === null ? null : { table, name }
}

function attributesOf(request: Request, headerLength: number): Attributes {
  const writer = new MessageWriter(Buffer.alloc(ROOM))
  const start = writer.begin(request.type, request.flags, 0)
  request.encode(writer)
  writer.end(start)
  return new Attributes(writer.buffer.subarray(0, writer.length), HEADER_LENGTH + headerLength)
}
