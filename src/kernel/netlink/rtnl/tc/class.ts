// Classes of htb: RTM_*TCLASS (linux/rtnetlink.h). Equals `tc class … htb`.
import {
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  RTM_DELTCLASS,
  RTM_GETTCLASS,
  RTM_NEWTCLASS,
  TCA_KIND,
  TCA_OPTIONS,
} from '../constants.js'
import type { Request } from '../request.js'
import { type HtbClass, readHtbClass, writeHtbClass } from './htb.js'
import { readObject, type TcHeader, writeHeader } from './message.js'
import { readStatistics, type TcStatistics } from './statistics.js'

export interface ClassRequest extends TcHeader {
  target: string
  settings: HtbClass
}

/** `tc class add … htb` */
export const addClass = (request: ClassRequest): Request => newClass('add', NLM_F_CREATE | NLM_F_EXCL, request)

/** Changes the settings of one that is there. `tc class change … htb` */
export const changeClass = (request: ClassRequest): Request => newClass('change', 0, request)

const newClass = (verb: string, flags: number, { target, settings, ...header }: ClassRequest): Request => ({
  operation: `${verb} class of htb`,
  target,
  type: RTM_NEWTCLASS,
  flags,
  encode: (writer) => {
    writeHeader(writer, header)
    writer.text(TCA_KIND, 'htb')
    const options = writer.nest(TCA_OPTIONS)
    writeHtbClass(writer, settings)
    writer.endNest(options)
  },
})

/** Refused while a filter or another class uses it. `tc class delete` */
export const deleteClass = ({ target, ...header }: TcHeader & { target: string }): Request => ({
  operation: 'delete class of htb',
  target,
  type: RTM_DELTCLASS,
  flags: 0,
  encode: (writer) => writeHeader(writer, header),
})

/** The classes of one interface. `tc class show dev …` */
export const listClasses = (index: number, target: string): Request => ({
  operation: 'list classes',
  target,
  type: RTM_GETTCLASS,
  flags: NLM_F_DUMP,
  encode: (writer) => writeHeader(writer, { index, handle: 0, parent: 0 }),
})

export interface ClassInfo extends TcHeader {
  kind: string
  /** null for a class of another discipline than htb. */
  settings: HtbClass | null
  statistics: TcStatistics
}

/** Reads the payload of an RTM_NEWTCLASS. */
export function parseClass(payload: Buffer): ClassInfo {
  const { index, handle, parent, kind, options, attributes } = readObject(payload)
  const settings = kind === 'htb' ? readHtbClass(options) : null
  return { index, handle, parent, kind, settings, statistics: readStatistics(attributes) }
}
