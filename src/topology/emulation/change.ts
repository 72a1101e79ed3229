// Changes the impairment of one direction by words such as `delay=20ms`: what is named is replaced, the rest is kept.
import type { Impairment } from '../../model/impairment.js'
import { direction, type WrittenImpairments } from '../schema/impairments.js'
import { topology } from '../schema/topology.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import { toPlain } from '../source/plain.js'
import { addSchemaFaults } from '../source/schema-faults.js'
import { SourceText } from '../source/source-text.js'
import { ETHERNET_HEADER, type ReadSource } from './emulations.js'
import { impairmentOf, type Sender } from './impairment.js'
import { Merged, type Side } from './layers.js'
import { defaultBurst, defaultPackets } from './rate-and-queue.js'
import { derivedSeed } from './seed.js'
import { SourceFiles } from './source-files.js'
import { meanRateOf } from './trace.js'
import { readWords } from './words.js'
import { SAME_SAMPLES, writtenForm } from './written-form.js'

/** The direction that is changed. */
export interface ChangedDirection {
  /** `NODE:INTERFACE` that sends, and that receives. */
  from: string
  to: string
  /** MTU of the end that sends. */
  mtu: number
  /** `up` for the frames of a link's first end, which is the user's end of presets. */
  side: Side
}

export type ImpairmentChange =
  /** null: frames are carried as they are. Warnings are one sentence each. */
  { impairment: Impairment | null; warnings: string[] } | { faults: string[] }

/** A place in a topology that has the keys of the words. */
const PLACE = ['links', 0, 'pairs', '*']
/** Parts of which each has other ones beside it. */
const CHOICES = ['model', 'kind']

/**
 * Applies words to an impairment. `KEY=VALUE` replaces a key as a topology would write it, `KEY.PART=VALUE` a part of it, and
 * `KEY=none` removes it. A queue and a burst that were made from the rate and the delay are made anew.
 *
 * @param readSource reads `trace` and `jitter.distribution.samples`; without it, they are refused
 */
export function changeImpairment(
  current: Impairment | null,
  words: readonly string[],
  { from, to, mtu, side }: ChangedDirection,
  readSource?: ReadSource,
): ImpairmentChange {
  const { root, faults } = readWords(words, PLACE)
  const frameBytes = mtu + ETHERNET_HEADER
  const before = current === null ? {} : withoutDefaults(current, frameBytes)
  const parsed = direction.safeParse(completed(toPlain(root, direction), before), { reportInput: true })
  if (!parsed.success) addSchemaFaults(faults, parsed.error.issues, topology, PLACE)
  if (!parsed.success || !faults.isEmpty) return { faults: messagesOf(faults) }

  const warnings: string[] = []
  const name = `${from} → ${to}`
  const report = (path: Path, message: string) => faults.add([...PLACE, ...path], message)
  const merged = new Merged(
    [before, parsed.data].map((written) => ({ written, path: [] })),
    side,
    report,
  )
  const impairment = impairmentOf(merged, {
    name,
    frameBytes,
    files: keeping(current, filesFor(report, readSource)),
    seedOf: (written) => derivedSeed(written, name),
    report,
    warn: (text) => void warnings.push(`${name}: ${text}`),
  })
  if (parsed.data.queue !== undefined && merged.has('queue') && !impairment?.queue)
    report(['queue'], 'a queue stands in front of a rate: write a rate or a trace too')
  if (!faults.isEmpty) return { faults: messagesOf(faults) }
  const isSeedKept = impairment && current?.seed !== undefined && parsed.data.seed === undefined
  return { impairment: isSeedKept ? { ...impairment, seed: current.seed as string } : impairment, warnings }
}

const messagesOf = (faults: Faults): string[] =>
  faults.issues().map(({ path, message }) => (message.startsWith(path) ? message : `${path}: ${message}`))

/** As it would be written without what was filled in. */
function withoutDefaults(impairment: Impairment, frameBytes: number): WrittenImpairments {
  const { rate, trace, queue, delayNs = 0, jitter } = impairment
  const written = writtenForm(impairment)
  const bits = rate?.bitsPerSecond ?? (trace ? meanRateOf(trace.opportunitiesMs) : 0)
  const usual = defaultPackets(bits, delayNs + (jitter?.amountNs ?? 0), frameBytes)
  if (queue?.kind === 'fifo' && 'packets' in queue && queue.packets === usual) delete written.queue
  if (rate?.burstBytes === defaultBurst(bits, frameBytes) && typeof written.rate === 'object') delete written.rate.burst
  return written
}

/** Parts of a key are taken with those that it has before, unless they are of another model or kind. */
function completed(words: unknown, before: WrittenImpairments): unknown {
  const entries = Object.entries(words as Record<string, unknown>).map(([key, value]) => {
    const below = before[key as keyof WrittenImpairments]
    const isPart = isMap(value) && isMap(below) && !CHOICES.some((choice) => Object.hasOwn(value, choice))
    return [key, isPart ? { ...below, ...value } : value]
  })
  return Object.fromEntries(entries)
}

const isMap = (value: unknown): value is object => typeof value === 'object' && value !== null

const filesFor = (report: (path: Path, message: string) => void, readSource: ReadSource | undefined): SourceFiles =>
  new SourceFiles({
    namedIn: () => undefined,
    read: (file) => {
      if (readSource) return readSource(file, undefined)
      throw new Error('files cannot be read here')
    },
    report,
    reportIn: ({ file, text }, at, path, message) => {
      const { line, column } = new SourceText(text, file).position(at)
      report(path, `${file}:${line}:${column}: ${message}`)
    },
  })

/** What was read from files before is kept, since the files may have changed or gone. */
const keeping = (current: Impairment | null, files: SourceFiles): Sender['files'] => ({
  trace: (file, path) => (current?.trace?.file === file ? current.trace : files.trace(file, path)),
  table: (file, path) => {
    const distribution = current?.jitter?.distribution
    return file === SAME_SAMPLES && typeof distribution === 'object' ? distribution.table : files.table(file, path)
  },
})
