// Queues that drop what comes when they are full, pfifo and bfifo: struct tc_fifo_qopt (linux/pkt_sched.h, tc-pfifo(8)).
import type { MessageWriter } from '../writer.js'

const LIMIT_LENGTH = 4

export interface FifoSettings {
  /** Frames in a pfifo, bytes in a bfifo. */
  limit: number
}

export function writeFifo(writer: MessageWriter, { limit }: FifoSettings): void {
  writer.buffer.writeUInt32LE(limit, writer.header(LIMIT_LENGTH))
}

export const readFifo = (options: Buffer): FifoSettings => ({
  limit: options.length < LIMIT_LENGTH ? 0 : options.readUInt32LE(0),
})
