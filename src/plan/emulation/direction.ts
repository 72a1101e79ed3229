// The disciplines, classes and filters of one direction of a link, at the interface that sends.
import type { Direction, Impairment, Rate, SourceImpairment } from '../../model/impairment.js'
import type { ClassAdd, EmulationOp, FilterAdd, TcNumber } from './ops.js'
import { disciplines, longestFrame, type Sender } from './qdiscs.js'
import { segmentsOf } from './segments.js'

/** Numbers of the disciplines without classes; with them, of htb. */
const ROOT = 1
const SHARED_CLASS = 1
const DEFAULT_CLASS = 2
const FIRST_SOURCE_CLASS = 3
/** Disciplines of class N have the numbers from 16 N on. */
const MAJORS_PER_CLASS = 16
/** Of a class whose rate is made below it, or that has none: 1 Tbit/s. */
const UNLIMITED: Rate = { bitsPerSecond: 1e12, burstBytes: 1_000_000, overheadBytes: 0 }

/**
 * What gives an interface the impairments of the frames that it sends, in an order in which it can be carried out. On an interface
 * that is not up, a discipline is made in microseconds; on one that is up, the kernel waits for all processors.
 */
export function directionOps(sender: Sender, direction: Direction): EmulationOp[] {
  const { impairment, sources = [] } =
    segmentsOf(direction, sender.mtu) === 1 ? direction : withByteQueues(direction, sender)
  if (sources.length > 0) return classes(sender, impairment, sources)
  return impairment === null ? [] : disciplines(sender, impairment, { parent: 'root', first: ROOT, ownRate: true })
}

/** A packet of several segments counts as one in a queue of packets. */
function withByteQueues({ impairment, sources = [] }: Direction, sender: Sender): Direction {
  const one = (of: Impairment | null): Impairment | null =>
    of?.queue?.kind === 'fifo' && 'packets' in of.queue
      ? { ...of, queue: { kind: 'fifo', bytes: of.queue.packets * longestFrame(sender) } }
      : of
  return {
    impairment: one(impairment),
    sources: sources.map((source) => ({ ...source, impairment: one(source.impairment) })),
  }
}

/** htb with a class for each station that has an impairment of its own, and one for all other frames. */
function classes(sender: Sender, rest: Impairment | null, sources: readonly SourceImpairment[]): EmulationOp[] {
  const { node, interface: name, index } = sender
  const where = { node, interface: name, index }
  const sharing = sources.filter(({ sharesRate }) => sharesRate).length
  const shared = sharing > 0 ? rest?.rate : undefined
  const share = (rate: Rate): Rate => ({ ...rate, bitsPerSecond: Math.ceil(rate.bitsPerSecond / (sharing + 1)) })
  const one = (minor: number, impairment: Impairment | null, isSharing: boolean): EmulationOp[] => {
    const own = isSharing && shared ? { rate: share(shared), ceil: shared } : { rate: UNLIMITED, ceil: UNLIMITED }
    const id = { major: ROOT, minor }
    const parent = { major: ROOT, minor: isSharing && shared ? SHARED_CLASS : 0 }
    const below = { parent: id, first: MAJORS_PER_CLASS * minor + 1, ownRate: !(isSharing && shared) }
    const whole = isSharing && shared ? withBottleneck(impairment, rest) : impairment
    return [classAdd(sender, id, parent, own), ...(whole === null ? [] : disciplines(sender, whole, below))]
  }
  return [
    {
      ...{ op: 'qdisc.add', ...where, major: ROOT, parent: 'root' },
      qdisc: { kind: 'htb', defaultClass: DEFAULT_CLASS },
    },
    ...(shared ? [classAdd(sender, numberOf(SHARED_CLASS), numberOf(0), { rate: shared, ceil: shared })] : []),
    ...one(DEFAULT_CLASS, rest, shared !== undefined),
    ...sources.flatMap((source, at) => one(FIRST_SOURCE_CLASS + at, source.impairment, source.sharesRate)),
    ...sources.map(({ mac, station }, at): FilterAdd => {
      const id = numberOf(FIRST_SOURCE_CLASS + at)
      return { op: 'filter.add', ...where, parent: numberOf(0), priority: at + 1, mac, station, id }
    }),
  ]
}

/** A station that shares the rate of the link has the same kind of queue; htb can only give it one of its own. */
const withBottleneck = (impairment: Impairment | null, rest: Impairment | null): Impairment => ({
  ...impairment,
  ...(rest?.rate ? { rate: rest.rate } : {}),
  ...(rest?.queue ? { queue: rest.queue } : {}),
})

const numberOf = (minor: number): TcNumber => ({ major: ROOT, minor })

function classAdd(
  sender: Sender,
  id: TcNumber,
  parent: TcNumber,
  { rate, ceil }: { rate: Rate; ceil: Rate },
): ClassAdd {
  const { node, interface: name, index } = sender
  const { bitsPerSecond, burstBytes, overheadBytes } = rate
  return {
    ...{ op: 'class.add', node, interface: name, index, id, parent },
    ...{ bitsPerSecond, ceilBitsPerSecond: ceil.bitsPerSecond, overheadBytes, burstBytes },
    quantumBytes: longestFrame(sender),
  }
}
