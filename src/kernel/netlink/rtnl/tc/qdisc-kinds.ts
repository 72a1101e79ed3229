// Every kind of queueing discipline that nslab makes: how its options are written and read, and the smallest settings with
// which the kernel makes one.
import { readCodel, readFqCodel, writeCodel, writeFqCodel } from './codel.js'
import { readFifo, writeFifo } from './fifo.js'
import { readHtb, writeHtb } from './htb.js'
import { readNetem, writeNetem } from './netem.js'
import { readRed, writeRed } from './red.js'
import { readTbf, writeTbf } from './tbf.js'

const RATE = { bytesPerSecond: 1_000_000, overheadBytes: 0 }
const CODEL = { limitPackets: 100, targetUs: 5000, intervalUs: 100_000, ecn: false }

export const QDISC_KINDS = {
  netem: { write: writeNetem, read: readNetem, smallest: { limitPackets: 1000 } },
  tbf: { write: writeTbf, read: readTbf, smallest: { ...RATE, burstBytes: 16_000, limitBytes: 1_000_000 } },
  htb: { write: writeHtb, read: readHtb, smallest: { defaultClass: 0 } },
  pfifo: { write: writeFifo, read: readFifo, smallest: { limit: 100 } },
  bfifo: { write: writeFifo, read: readFifo, smallest: { limit: 100_000 } },
  codel: { write: writeCodel, read: readCodel, smallest: CODEL },
  fq_codel: { write: writeFqCodel, read: readFqCodel, smallest: { ...CODEL, flows: 16, quantumBytes: 1514 } },
  red: {
    write: writeRed,
    read: readRed,
    smallest: {
      ...{ limitBytes: 60_000, minBytes: 5000, maxBytes: 15_000, probability: 0.02, ecn: false },
      bytesPerSecond: 1_000_000,
    },
  },
  /** A place for filters on what an interface sends and receives. */
  clsact: { write: null, read: () => ({}), smallest: {} },
} as const

export type QdiscKind = keyof typeof QDISC_KINDS

type Writer<K extends QdiscKind> = (typeof QDISC_KINDS)[K]['write']

/** A kind, and the settings that its builder takes. */
export type QdiscSettings = {
  [K in QdiscKind]: { kind: K } & (Writer<K> extends (writer: never, settings: infer S) => void ? S : unknown)
}[QdiscKind]

/** A kind, and the settings that the kernel reports. */
export type ReportedQdisc = { [K in QdiscKind]: { kind: K } & ReturnType<(typeof QDISC_KINDS)[K]['read']> }[QdiscKind]

export const isQdiscKind = (kind: string): kind is QdiscKind => Object.hasOwn(QDISC_KINDS, kind)
