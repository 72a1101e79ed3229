// Rates, and the queue in front of them, with what is not written filled in.
import type { Queue, Rate } from '../../model/impairment.js'
import type { Path } from '../source/located.js'
import { parseRate } from '../values/tc-rate.js'
import { parseOverhead, parseSize, sizeText } from '../values/tc-size.js'
import { parseTime } from '../values/tc-time.js'
import type { Written } from './layers.js'
import { share } from './loss.js'
import type { Report } from './report.js'

/** At 1 Gbit/s, the kernel's timers let a shorter burst reach half of the rate. */
const BURST_SECONDS = 150e-6
/** What a queue without a written limit holds at the rate, where the delay there and back is shorter. */
const QUEUE_SECONDS = 0.02
/** Twice the initial window of TCP (RFC 6928). */
const QUEUE_LEAST = 20
const QUEUE_MOST = 100_000
/** CoDel drops by time; its limit is for floods. */
const CODEL_ROOM = 10

const bytesOf = (text: string): number => Number(parseSize(text))
const timeOf = (text: string): number => Number(parseTime(text))

/** Two frames, or what leaves at the rate in 150 µs. */
export const defaultBurst = (bitsPerSecond: number, frameBytes: number): number =>
  Math.max(2 * frameBytes, Math.ceil((bitsPerSecond / 8) * BURST_SECONDS))

/** @param frameBytes the longest frame */
export function rateOf(
  written: Written<'rate'>,
  frameBytes: number,
  path: Path,
  report: Report,
  warn: (text: string) => void,
): Rate {
  const { rate, burst, overhead } = typeof written === 'string' ? { rate: written } : written
  const bitsPerSecond = Number(parseRate(rate))
  const usual = defaultBurst(bitsPerSecond, frameBytes)
  const burstBytes = burst === undefined ? usual : bytesOf(burst)
  if (burstBytes < frameBytes)
    report(
      [...path, 'burst'],
      `a burst of ${burst} is below a frame of ${frameBytes}b (MTU and 14 of Ethernet), which would never be sent`,
    )
  else if (burstBytes < usual)
    warn(
      `a burst of ${burst} is below ${sizeText(usual)}, two frames or 150us at the rate, so the rate may not be reached`,
    )
  return { bitsPerSecond, burstBytes, overheadBytes: overhead === undefined ? 0 : Number(parseOverhead(overhead)) }
}

/**
 * The packets of a queue without a written limit: what leaves at the rate in twice the delay and jitter of this direction, at
 * least in 20 ms; at least 20 and at most 100,000.
 */
export function defaultPackets(bitsPerSecond: number, delayNs: number, frameBytes: number): number {
  const seconds = Math.max((2 * delayNs) / 1e9, QUEUE_SECONDS)
  return Math.min(QUEUE_MOST, Math.max(QUEUE_LEAST, Math.ceil((bitsPerSecond * seconds) / 8 / frameBytes)))
}

/** @param usual the packets of a fifo without a written limit */
export function queueOf(
  written: Written<'queue'> | undefined,
  usual: number,
  frameBytes: number,
  path: Path,
  report: Report,
): Queue {
  if (written === undefined) return { kind: 'fifo', packets: usual }
  if (typeof written !== 'object') return fifo(written, frameBytes, path, report)
  const limitPath = [...path, 'limit']
  switch (written.kind) {
    case 'fifo':
      return fifo(written.limit ?? usual, frameBytes, limitPath, report)
    case 'codel': {
      const { limit = usual * CODEL_ROOM, ecn = false } = written
      return { kind: 'codel', packets: limit, ...timesOf(written), ecn }
    }
    case 'fq_codel': {
      const { limit = usual * CODEL_ROOM, flows = 1024, quantum, ecn = true } = written
      const quantumBytes = quantum === undefined ? frameBytes : bytesOf(quantum)
      return { kind: 'fq_codel', packets: limit, flows, quantumBytes, ...timesOf(written), ecn }
    }
    case 'red':
      return redOf(written, usual * frameBytes, frameBytes, path, report)
  }
}

function fifo(limit: string | number, frameBytes: number, path: Path, report: Report): Queue {
  if (typeof limit === 'number') return { kind: 'fifo', packets: limit }
  return { kind: 'fifo', bytes: atLeastFrame(limit, frameBytes, path, report) }
}

function atLeastFrame(text: string, frameBytes: number, path: Path, report: Report): number {
  const bytes = bytesOf(text)
  if (bytes < frameBytes)
    report(
      path,
      `a queue of ${text} is below a frame of ${frameBytes}b (MTU and 14 of Ethernet), which would never be sent`,
    )
  return bytes
}

/** The defaults of tc-codel(8). */
const timesOf = ({
  target = '5ms',
  interval = '100ms',
}: {
  target?: string | undefined
  interval?: string | undefined
}) => ({
  targetNs: timeOf(target),
  intervalNs: timeOf(interval),
})

function redOf(
  { limit, min, max, probability = '2%', ecn = false }: Extract<Written<'queue'>, { kind: 'red' }>,
  usual: number,
  frameBytes: number,
  path: Path,
  report: Report,
): Queue {
  const bytes = limit === undefined ? usual : atLeastFrame(limit, frameBytes, [...path, 'limit'], report)
  const maxBytes = max === undefined ? Math.ceil(bytes / 2) : bytesOf(max)
  const minBytes = min === undefined ? Math.ceil(maxBytes / 3) : bytesOf(min)
  if (maxBytes > bytes)
    report([...path, 'max'], `\`max\` is above the limit of ${sizeText(bytes)}, so it is never reached`)
  if (minBytes >= maxBytes) report([...path, 'min'], `\`min\` is not below the \`max\` of ${sizeText(maxBytes)}`)
  return { kind: 'red', bytes, minBytes, maxBytes, probability: share(probability), ecn }
}
