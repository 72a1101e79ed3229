// Queueing disciplines: RTM_*QDISC (linux/rtnetlink.h). Equals `tc qdisc`.
import {
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  RTM_DELQDISC,
  RTM_GETQDISC,
  RTM_NEWQDISC,
  TCA_KIND,
  TCA_OPTIONS,
} from '../constants.js'
import type { Request } from '../request.js'
import type { MessageWriter } from '../writer.js'
import { readObject, type TcHeader, writeHeader } from './message.js'
import { isQdiscKind, QDISC_KINDS, type QdiscSettings, type ReportedQdisc } from './qdisc-kinds.js'
import { readStatistics, type TcStatistics } from './statistics.js'

export interface QdiscRequest extends TcHeader {
  target: string
  qdisc: QdiscSettings
}

/** `tc qdisc add` */
export const addQdisc = (request: QdiscRequest): Request => newQdisc('add', NLM_F_CREATE | NLM_F_EXCL, request)

/** Makes it, in place of the one that is there. Frames in that one are lost. `tc qdisc replace` */
export const replaceQdisc = (request: QdiscRequest): Request =>
  newQdisc('replace', NLM_F_CREATE | NLM_F_REPLACE, request)

/** Changes the settings of one that is there, of the same kind. Frames in it stay. `tc qdisc change` */
export const changeQdisc = (request: QdiscRequest): Request => newQdisc('change', 0, request)

function newQdisc(verb: string, flags: number, { target, qdisc, ...header }: QdiscRequest): Request {
  return {
    operation: `${verb} ${qdisc.kind}`,
    target,
    type: RTM_NEWQDISC,
    flags,
    encode: (writer) => {
      writeHeader(writer, header)
      writer.text(TCA_KIND, qdisc.kind)
      const { write } = QDISC_KINDS[qdisc.kind]
      if (!write) return
      const options = writer.nest(TCA_OPTIONS)
      ;(write as (writer: MessageWriter, settings: QdiscSettings) => void)(writer, qdisc)
      writer.endNest(options)
    },
  }
}

/** With parent TC_H_ROOT, the interface gets the kernel's default discipline. `tc qdisc delete` */
export const deleteQdisc = ({ target, ...header }: TcHeader & { target: string }): Request => ({
  operation: 'delete queueing discipline',
  target,
  type: RTM_DELQDISC,
  flags: 0,
  encode: (writer) => writeHeader(writer, header),
})

/** All disciplines of all interfaces of a namespace but the kernel's default ones. `tc qdisc show` */
export const listQdiscs = (): Request => ({
  operation: 'list queueing disciplines',
  target: 'all',
  type: RTM_GETQDISC,
  flags: NLM_F_DUMP,
  encode: (writer) => writeHeader(writer, { index: 0, handle: 0, parent: 0 }),
})

export interface QdiscInfo extends TcHeader {
  kind: string
  /** null for a kind that nslab does not make. */
  qdisc: ReportedQdisc | null
  statistics: TcStatistics
}

/** Reads the payload of an RTM_NEWQDISC. */
export function parseQdisc(payload: Buffer): QdiscInfo {
  const { index, handle, parent, kind, options, attributes } = readObject(payload)
  const qdisc = isQdiscKind(kind) ? ({ kind, ...QDISC_KINDS[kind].read(options) } as ReportedQdisc) : null
  return { index, handle, parent, kind, qdisc, statistics: readStatistics(attributes) }
}
