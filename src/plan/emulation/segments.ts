// How many segments a packet may have that TCP sends into a link: the kernel hands down packets of up to 64 KB, which it cuts into
// frames only at the receiver. Some impairments are of single frames; others are the same for many frames at once.
import type { Direction, EmulatedLink, Impairment } from '../../model/impairment.js'
import { TRAITS } from '../../model/interfaces/kinds.js'
import type { ResolvedTopology } from '../../model/resolved.js'
import { impairmentsOf, needsNetem } from './only-wire.js'
import { longestFrame } from './qdiscs.js'

/** Packets of fewer segments save little of the kernel's work. */
const FEWEST_SEGMENTS = 4
/** A part of the burst: the rest is saved while a timer of the kernel is late, and else lost. */
const BURST_PART = 2
/** A part of the queue that one packet may take: a full queue drops it whole. */
const QUEUE_PART = 4
/** IFLA_GSO_MAX_SEGS takes no more (GSO_MAX_SEGS in linux/netdevice.h). */
const MOST_SEGMENTS = 65_535

/** null: as many as the kernel likes. */
export type Segments = number | null

/**
 * How many segments a packet may have at each end of each link of a lab, by number of link: IFLA_GSO_MAX_SEGS.
 *
 * The kernel cuts a packet with more segments after the disciplines of an interface, so that one that a node forwards would enter
 * them whole: where they cannot cut it themselves, no interface of the lab may send it. The wire gets packets after that cut; packet
 * sockets do not say of one in a tunnel where it is to be cut (struct virtio_net_hdr), so where there are tunnels, it gets frames.
 *
 * @param hasTunnels whether an interface of the lab wraps packets
 * @param mtuOf of the first (0) or the second (1) end of a link
 */
export function segmentsOfEnds(
  emulated: readonly (EmulatedLink | null)[],
  hasTunnels: boolean,
  mtuOf: (link: number, side: 0 | 1) => number,
): [Segments, Segments][] {
  const own = emulated.map((link, number) =>
    both((side): Segments => {
      if (link === null) return null
      return hasTunnels && link.backend === 'wire' ? 1 : segmentsOf(of(link, side), mtuOf(number, side))
    }),
  )
  const everywhere = own.flatMap((ends, number) =>
    ends.filter((_, side) => cannotCut(emulated[number] ?? null, side as 0 | 1)),
  )
  return own.map((ends) => both((side) => least([ends[side], ...everywhere])))
}

/** Whether an interface of the lab wraps packets. */
export const hasTunnels = ({ nodes }: Pick<ResolvedTopology, 'nodes'>): boolean =>
  nodes.some(({ interfaces }) => interfaces.some(({ kind }) => TRAITS[kind].encapsulation !== null))

const both = <T>(each: (side: 0 | 1) => T): [T, T] => [each(0), each(1)]

const of = ({ emulation }: EmulatedLink, side: 0 | 1): Direction => emulation.directions[side]

/** How many segments a packet may have that is sent into this direction. @param mtu of the end that sends */
export const segmentsOf = (direction: Direction, mtu: number): Segments =>
  least(impairmentsOf(direction).map((impairment) => segmentsFor(impairment, longestFrame({ mtu }))))

function segmentsFor(impairment: Impairment, frameBytes: number): Segments {
  const { loss, duplicate, corrupt, reorder, jitter, trace, rate, queue } = impairment
  if ([loss, duplicate, corrupt, reorder, jitter, trace].some((part) => part !== undefined)) return 1
  if (rate === undefined || queue === undefined) return null
  if (queue.kind !== 'fifo') return 1
  const queued = 'packets' in queue ? queue.packets : queue.bytes / frameBytes
  const segments = Math.floor(Math.min(rate.burstBytes / BURST_PART / frameBytes, queued / QUEUE_PART, MOST_SEGMENTS))
  return segments < FEWEST_SEGMENTS ? 1 : segments
}

/**
 * Whether the disciplines of an end take packets that are longer than they may be. tbf cuts one that is longer than its burst
 * (tbf_segment in sch_tbf.c), but the netem above it would count the frames as its own on kernels before 6.13.
 */
function cannotCut(link: EmulatedLink | null, side: 0 | 1): boolean {
  if (link === null || link.backend === 'wire') return false
  return impairmentsOf(of(link, side)).some(
    (impairment) => needsNetem(impairment) || (impairment.queue !== undefined && impairment.queue.kind !== 'fifo'),
  )
}

/** The smallest; null for none. */
export const least = (segments: readonly Segments[]): Segments =>
  segments.reduce((one, other) => (one === null || (other !== null && other < one) ? other : one), null)
