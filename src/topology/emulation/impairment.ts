// One direction as data: reads what is written of it, and fills in what is not.
import type { Distribution, Impairment, Jitter, Reorder } from '../../model/impairment.js'
import { parseTime, timeText } from '../values/tc-time.js'
import type { Merged, Written } from './layers.js'
import { chanceOf, lossOf, share } from './loss.js'
import { defaultPackets, queueOf, rateOf } from './rate-and-queue.js'
import type { Report } from './report.js'
import type { SourceFiles } from './source-files.js'
import { meanRateOf } from './trace.js'

/** What sends the frames, and where faults go. */
export interface Sender {
  /** In texts: `a:eth0 → b:eth0`. */
  name: string
  /** Of the longest frame: the MTU and 14 bytes of Ethernet. */
  frameBytes: number
  files: Pick<SourceFiles, 'trace' | 'table'>
  /** Makes the seed of this direction from a written one. */
  seedOf: (written: string) => string
  report: Report
  warn: (text: string) => void
}

/** null: frames are carried as they are. */
export function impairmentOf(merged: Merged, sender: Sender): Impairment | null {
  const { report, warn, files, frameBytes } = sender
  const [delay, jitter, loss] = [merged.get('delay'), merged.get('jitter'), merged.get('loss')]
  const [duplicate, corrupt, reorder] = [merged.get('duplicate'), merged.get('corrupt'), merged.get('reorder')]
  const [rate, trace] = [merged.get('rate'), merged.get('trace')]
  const delayNs = delay === undefined ? 0 : Number(parseTime(delay))
  const parts: { [K in keyof Impairment]?: Impairment[K] | null } = {
    delayNs: delayNs === 0 ? null : delayNs,
    jitter: jitter === undefined ? null : jitterOf(jitter, delayNs, merged, sender),
    loss: loss === undefined ? null : lossOf(loss, merged.pathOf('loss'), report),
    duplicate: duplicate === undefined ? null : chanceOf(duplicate),
    reorder: reorder === undefined ? null : reorderOf(reorder, delayNs, merged, sender),
    corrupt: corrupt === undefined ? null : chanceOf(corrupt),
    rate: rate === undefined ? null : rateOf(rate, frameBytes, merged.pathOf('rate'), report, warn),
    trace: trace === undefined ? null : files.trace(trace, merged.pathOf('trace')),
  }
  const bits = parts.rate?.bitsPerSecond ?? (parts.trace ? meanRateOf(parts.trace.opportunitiesMs) : null)
  if (bits !== null) {
    const usual = defaultPackets(bits, delayNs + (parts.jitter?.amountNs ?? 0), frameBytes)
    parts.queue = queueOf(merged.get('queue'), usual, frameBytes, merged.pathOf('queue'), report)
  }
  const there = Object.entries(parts).filter(([, part]) => part !== null && part !== undefined)
  if (there.length === 0) return null
  const seed = merged.get('seed')
  return { ...Object.fromEntries(there), ...(seed === undefined ? {} : { seed: sender.seedOf(seed) }) }
}

function jitterOf(written: Written<'jitter'>, delayNs: number, merged: Merged, sender: Sender): Jitter | null {
  const {
    amount,
    distribution = 'uniform',
    correlation = '0%',
    reorder = false,
  } = typeof written === 'string' ? { amount: written } : written
  const amountNs = Number(parseTime(amount))
  if (amountNs === 0) return null
  if (amountNs > delayNs) {
    const effect = reorder ? 'so many frames overtake others' : 'so the mean delay is longer than written'
    sender.warn(
      `a jitter of ${timeText(amountNs)} is above the delay of ${timeText(delayNs)}: delays below 0 are 0, ${effect}`,
    )
  }
  return {
    amountNs,
    distribution: distributionOf(distribution, merged, sender),
    correlation: share(correlation),
    reorder,
  }
}

function distributionOf(
  written: Exclude<Extract<Written<'jitter'>, object>['distribution'], undefined>,
  merged: Merged,
  { files }: Sender,
): Distribution {
  if (typeof written === 'string') return written
  return { table: files.table(written.samples, [...merged.pathOf('jitter'), 'distribution', 'samples']) ?? [0] }
}

function reorderOf(written: Written<'reorder'>, delayNs: number, merged: Merged, { report }: Sender): Reorder | null {
  const { probability, correlation = '0%', gap = 1 } = typeof written === 'string' ? { probability: written } : written
  if (share(probability) === 0) return null
  if (delayNs === 0)
    report(
      merged.pathOf('reorder'),
      'a reordered frame is sent without its delay, so there must be one: write a `delay`',
    )
  return { probability: share(probability), correlation: share(correlation), gap }
}
