// Controlled delay, codel and fq_codel: TCA_CODEL_* and TCA_FQ_CODEL_* (linux/pkt_sched.h, tc-codel(8), tc-fq_codel(8), RFC 8289
// and 8290).
import { Attributes } from '../reader.js'
import type { MessageWriter } from '../writer.js'

/** The first numbers are the same for both. */
const TARGET = 1
const LIMIT = 2
const INTERVAL = 3
const ECN = 4
const FQ_CODEL_FLOWS = 5
const FQ_CODEL_QUANTUM = 6

export interface CodelSettings {
  limitPackets: number
  targetUs: number
  intervalUs: number
  ecn: boolean
}

export interface FqCodelSettings extends CodelSettings {
  /** Queues that flows are hashed to. The kernel refuses a change that names them, even to the same number. */
  flows: number
  quantumBytes: number
}

/** `flows` is left out of a change. */
export type NewFqCodel = Omit<FqCodelSettings, 'flows'> & { flows?: number | undefined }

export function writeCodel(writer: MessageWriter, settings: CodelSettings): void {
  const { limitPackets, targetUs, intervalUs, ecn } = settings
  writer.u32(LIMIT, limitPackets)
  writer.u32(INTERVAL, intervalUs)
  writer.u32(TARGET, targetUs)
  writer.u32(ECN, ecn ? 1 : 0)
}

export function writeFqCodel(writer: MessageWriter, settings: NewFqCodel): void {
  const { limitPackets, targetUs, intervalUs, ecn, flows, quantumBytes } = settings
  writer.u32(LIMIT, limitPackets)
  if (flows !== undefined) writer.u32(FQ_CODEL_FLOWS, flows)
  writer.u32(FQ_CODEL_QUANTUM, quantumBytes)
  writer.u32(INTERVAL, intervalUs)
  writer.u32(TARGET, targetUs)
  writer.u32(ECN, ecn ? 1 : 0)
}

export function readCodel(options: Buffer): CodelSettings {
  const own = new Attributes(options)
  return {
    limitPackets: own.u32(LIMIT),
    targetUs: own.u32(TARGET),
    intervalUs: own.u32(INTERVAL),
    ecn: own.u32(ECN) !== 0,
  }
}

export function readFqCodel(options: Buffer): FqCodelSettings {
  const own = new Attributes(options)
  return { ...readCodel(options), flows: own.u32(FQ_CODEL_FLOWS), quantumBytes: own.u32(FQ_CODEL_QUANTUM) }
}
