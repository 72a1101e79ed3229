// Filters that put frames into classes by their source MAC address: RTM_*TFILTER with the classifier u32
// (linux/pkt_cls.h, tc-u32(8)). Equals `tc filter … u32 match …`.
import {
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  RTM_DELTFILTER,
  RTM_GETTFILTER,
  RTM_NEWTFILTER,
  TCA_KIND,
  TCA_OPTIONS,
} from '../constants.js'
import { macBytes, macText } from '../ip.js'
import { Attributes } from '../reader.js'
import type { Request } from '../request.js'
import { readObject, writeHeader } from './message.js'

/** ETH_P_ALL (linux/if_ether.h): ARP and IPv6 have to match as well. In network byte order, in the lower half of tcm_info. */
const EVERY_PROTOCOL = 0x0300
const U32_CLASSID = 1
const U32_SEL = 5
/** struct tc_u32_sel, followed by keys: flags, offshift, nkeys, offmask, off, offoff, hoff, hmask. */
const SEL_LENGTH = 16
const TC_U32_TERMINAL = 1
/** struct tc_u32_key: mask, value, offset, offset mask. */
const KEY_LENGTH = 16
/**
 * The source address is at −8 to −3 from the network header, also where a frame has a VLAN tag, which the kernel keeps apart.
 * u32 compares words of 4 bytes.
 */
const KEYS = [
  { offset: -8, mask: 0xffff_ffff },
  { offset: -4, mask: 0xffff_0000 },
] as const

export interface SourceFilter {
  target: string
  /** ifindex. */
  index: number
  /** The discipline that asks the filter. */
  parent: number
  /** Filters are asked in ascending order, from 1; each has a number of its own. */
  priority: number
  mac: string
  /** The class that frames from the address go to. */
  classId: number
}

/** `tc filter add … protocol all prio … u32 match u32 … at -8 match u32 … at -4 flowid …` */
export const addSourceFilter = ({ target, index, parent, priority, mac, classId }: SourceFilter): Request => ({
  operation: 'add filter u32',
  target,
  type: RTM_NEWTFILTER,
  flags: NLM_F_CREATE | NLM_F_EXCL,
  encode: (writer) => {
    writeHeader(writer, { index, handle: 0, parent }, priority * 0x1_0000 + EVERY_PROTOCOL)
    writer.text(TCA_KIND, 'u32')
    const options = writer.nest(TCA_OPTIONS)
    writer.u32(U32_CLASSID, classId)
    writer.bytes(U32_SEL, selector(mac))
    writer.endNest(options)
  },
})

function selector(mac: string): Buffer {
  const address = Buffer.concat([macBytes(mac), Buffer.alloc(2)])
  const bytes = Buffer.alloc(SEL_LENGTH + KEYS.length * KEY_LENGTH)
  bytes.set([TC_U32_TERMINAL, 0, KEYS.length], 0)
  KEYS.forEach(({ offset, mask }, number) => {
    const at = SEL_LENGTH + number * KEY_LENGTH
    bytes.writeUInt32BE(mask, at)
    address.copy(bytes, at + 4, number * 4, number * 4 + 4)
    bytes.writeInt32LE(offset, at + 8)
  })
  return bytes
}

/** Deletes all filters of one priority. `tc filter delete … prio …` */
export const deleteFilters = (filter: Pick<SourceFilter, 'target' | 'index' | 'parent' | 'priority'>): Request => ({
  operation: 'delete filters',
  target: filter.target,
  type: RTM_DELTFILTER,
  flags: 0,
  encode: (writer) => {
    const { index, parent, priority } = filter
    writeHeader(writer, { index, handle: 0, parent }, priority * 0x1_0000)
  },
})

/** The filters of one discipline. `tc filter show dev … parent …` */
export const listFilters = (index: number, parent: number, target: string): Request => ({
  operation: 'list filters',
  target,
  type: RTM_GETTFILTER,
  flags: NLM_F_DUMP,
  encode: (writer) => writeHeader(writer, { index, handle: 0, parent }),
})

/** Reads the payload of an RTM_NEWTFILTER; null for a filter that is none by source MAC address, and for a table of u32. */
export function parseSourceFilter(payload: Buffer): Omit<SourceFilter, 'target'> | null {
  const { index, parent, info, kind, options } = readObject(payload)
  const own = new Attributes(options)
  const bytes = own.get(U32_SEL)
  if (kind !== 'u32' || !bytes || bytes.length !== SEL_LENGTH + KEYS.length * KEY_LENGTH) return null
  const isOurs = KEYS.every(({ offset, mask }, number) => {
    const at = SEL_LENGTH + number * KEY_LENGTH
    return bytes.readInt32LE(at + 8) === offset && bytes.readUInt32BE(at) === mask
  })
  if (!isOurs) return null
  const [high, low] = [SEL_LENGTH + 4, SEL_LENGTH + KEY_LENGTH + 4]
  const mac = Buffer.concat([bytes.subarray(high, high + 4), bytes.subarray(low, low + 2)])
  return { index, parent, priority: info >>> 16, mac: macText(mac), classId: own.u32(U32_CLASSID) }
}
