// Changes the impairments of a link, in one direction, or for the frames of one station of a LAN.
import type { Direction, Impairment, LinkEmulation, SourceImpairment } from '../../model/impairment.js'
import { changeImpairment, type ImpairmentChange } from './change.js'
import type { ReadSource } from './emulations.js'
import { netemJitterText, wireOnly } from './only-wire.js'

/** What is changed. */
export interface LinkChange {
  /** `KEY=VALUE`; see `changeImpairment`. */
  words: readonly string[]
  /** Nothing that was there is kept. */
  isCleared: boolean
  /** Only for frames from one station of the LAN, towards the receiver that this end of its switch is linked to. */
  station?: Station
}

export interface Station {
  /** `NODE:INTERFACE` */
  name: string
  /** All source addresses that its frames have. At least one. */
  macs: readonly string[]
}

/** The end that sends. */
export interface SendingEnd {
  side: 0 | 1
  /** `NODE:INTERFACE` of both ends of the link. */
  ends: readonly [string, string]
  mtu: number
}

export type ChangedLink = { emulation: LinkEmulation; warnings: string[] } | { faults: string[] }

const PLAIN: LinkEmulation = { backend: 'auto', directions: [{ impairment: null }, { impairment: null }] }

/** @param before null for a plain link */
export function changeLink(
  before: LinkEmulation | null,
  change: LinkChange,
  end: SendingEnd,
  readSource?: ReadSource,
): ChangedLink {
  const { backend, directions } = before ?? PLAIN
  const old = directions[end.side]
  const context: Context = { change, end, isNetem: backend === 'netem', readSource }
  const changed = change.station ? changePair(old, change.station, context) : changeWhole(old, context)
  if ('faults' in changed) return changed
  const pair: [Direction, Direction] = [...directions]
  pair[end.side] = changed.direction
  return { emulation: { backend, directions: pair }, warnings: changed.warnings }
}

interface Context {
  change: LinkChange
  end: SendingEnd
  isNetem: boolean
  readSource: ReadSource | undefined
}

type ChangedDirection = { direction: Direction; warnings: string[] } | { faults: string[] }

/** Pairs keep what they have, but for the rate and the queue that they share with the link. */
function changeWhole({ impairment, sources = [] }: Direction, context: Context): ChangedDirection {
  const { isCleared } = context.change
  const from = context.end.ends[context.end.side]
  const changed = applied(isCleared ? null : impairment, from, context)
  if ('faults' in changed) return changed
  const kept = isCleared ? [] : sources.map((source) => sharing(source, changed.impairment))
  return {
    direction: { impairment: changed.impairment, ...(kept.length === 0 ? {} : { sources: kept }) },
    warnings: changed.warnings,
  }
}

function changePair(direction: Direction, { name, macs }: Station, context: Context): ChangedDirection {
  const { words, isCleared } = context.change
  const { sources = [] } = direction
  const old = sources.find(({ mac }) => macs.includes(mac))
  // A pair has all that the link has, until it is changed.
  const before = old ?? { impairment: direction.impairment, sharesRate: hasBottleneck(direction.impairment) }
  const isShared = !isCleared && before.sharesRate && !words.some((word) => /^(?:rate|trace|preset)\b/.test(word))
  if (isShared && words.some((word) => /^queue\b/.test(word)))
    return { faults: ['queue: this pair shares the rate and the queue of its link: write a `rate` too'] }
  const changed = applied(isCleared ? null : before.impairment, name, context)
  if ('faults' in changed) return changed
  const { impairment, warnings } = changed
  const own = macs.map((mac): SourceImpairment => ({ station: name, mac, impairment, sharesRate: isShared }))
  return {
    direction: { ...direction, sources: [...sources.filter(({ mac }) => !macs.includes(mac)), ...own] },
    warnings,
  }
}

const hasBottleneck = (impairment: Impairment | null): boolean =>
  impairment?.rate !== undefined || impairment?.trace !== undefined

/** A pair with the rate and the queue of its link, which may be others now, or none. */
function sharing(source: SourceImpairment, link: Impairment | null): SourceImpairment {
  if (!source.sharesRate) return source
  const { rate: _, trace: __, queue: ___, ...path } = source.impairment ?? {}
  const { rate, trace, queue } = link ?? {}
  const impairment = { ...path, ...(rate && { rate }), ...(trace && { trace }), ...(queue && { queue }) }
  const isEmpty = Object.keys(impairment).every((key) => key === 'seed')
  return { ...source, impairment: isEmpty ? null : impairment, sharesRate: hasBottleneck(link) }
}

/** @param from `NODE:INTERFACE` that sends the frames */
function applied(
  before: Impairment | null,
  from: string,
  { change: { words }, end: { side, ends, mtu }, isNetem, readSource }: Context,
): ImpairmentChange {
  if (words.length === 0) return { impairment: before, warnings: [] }
  const to = ends[side === 0 ? 1 : 0]
  const changed = changeImpairment(before, words, { from, to, mtu, side: side === 0 ? 'up' : 'down' }, readSource)
  if ('faults' in changed || !isNetem || changed.impairment === null) return changed
  const refused = wireOnly(changed.impairment)
  if (refused.length > 0)
    return {
      faults: refused.map(({ key, reason }) => `${key}: netem ${reason}; \`emulation: wire\` or \`auto\` does it`),
    }
  const text = netemJitterText(changed.impairment)
  return text === null ? changed : { ...changed, warnings: [...changed.warnings, `${from} → ${to}: ${text}`] }
}
