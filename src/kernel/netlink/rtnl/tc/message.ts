// What messages about queueing disciplines, classes and filters share: struct tcmsg, TCA_KIND and TCA_OPTIONS
// (linux/rtnetlink.h, tc(8)).
import { TCA_KIND, TCA_OPTIONS } from '../constants.js'
import { Attributes, textOf } from '../reader.js'
import type { MessageWriter } from '../writer.js'

export const TCMSG_LENGTH = 20
const NO_OPTIONS = Buffer.alloc(0)

/** The number of a discipline (`1:`, minor 0) or of one of its classes (`1:2`). Both parts are 0 to 0xffff. */
export const handle = (major: number, minor = 0): number => major * 0x1_0000 + minor

/** struct tcmsg. */
export interface TcHeader {
  /** ifindex. */
  index: number
  /** The discipline, class or filter itself; 0 lets the kernel choose. */
  handle: number
  /** The discipline or class that it is attached to, TC_H_ROOT or TC_H_CLSACT. */
  parent: number
}

/** Writes the header. @param info tcm_info: priority and protocol of a filter */
export function writeHeader(writer: MessageWriter, header: TcHeader, info = 0): void {
  const start = writer.header(TCMSG_LENGTH)
  writer.buffer.writeInt32LE(header.index, start + 4)
  writer.buffer.writeUInt32LE(header.handle, start + 8)
  writer.buffer.writeUInt32LE(header.parent, start + 12)
  writer.buffer.writeUInt32LE(info, start + 16)
}

/** What every message about one of them says. */
export interface TcObject extends TcHeader {
  info: number
  kind: string
  /** The value of TCA_OPTIONS; empty without it. */
  options: Buffer
  attributes: Attributes
}

export function readObject(payload: Buffer): TcObject {
  const attributes = new Attributes(payload, TCMSG_LENGTH)
  return {
    index: payload.readInt32LE(4),
    handle: payload.readUInt32LE(8),
    parent: payload.readUInt32LE(12),
    info: payload.readUInt32LE(16),
    kind: textOf(attributes.get(TCA_KIND)) ?? '',
    options: attributes.get(TCA_OPTIONS) ?? NO_OPTIONS,
    attributes,
  }
}
