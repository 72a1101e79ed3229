// The disciplines of one impairment, one below the other, in the order in which a frame meets them: netem for all that happens
// on the way, below it tbf for the rate, below that the queue. netem hands a frame on when its time has come, so that frames on
// their way take no room in the queue.
import type { Impairment, Queue, Rate } from '../../model/impairment.js'
import { queueKind } from './backend.js'
import { needsNetem } from './only-wire.js'
import type { NetemQdisc, QdiscAdd, QdiscSettings } from './ops.js'

/** An interface on which disciplines are made. */
export interface Sender {
  node: string
  interface: string
  index: number
  mtu: number
}

/** Source and destination address, type (IEEE 802.3), and a VLAN tag. */
const ETHERNET_BYTES = 18
/** Shortest frame, without its checksum. */
const SHORTEST_FRAME_BYTES = 60
/** A distribution's table ends at four jitters. */
const LONGEST_JITTERS = 4
/** The frames that netem holds at most and at least; the largest number of them takes about 230 MB of the kernel's memory. */
const NETEM_PACKETS_MOST = 100_000
const NETEM_PACKETS_LEAST = 1000
/** Frames a second that a veth pair carries at most, on a fast processor. */
const VETH_PACKETS_PER_SECOND = 1_000_000
/** Frames that come faster than the rate still have to reach the queue, which drops them. */
const SPARE = 2

export const longestFrame = ({ mtu }: Pick<Sender, 'mtu'>): number => mtu + ETHERNET_BYTES

/**
 * The disciplines of one impairment, at the root of an interface or in a class.
 *
 * @param first number of the first of up to three disciplines
 * @param ownRate false: the class itself has the rate; only the queue is made
 */
export function disciplines(
  sender: Sender,
  impairment: Impairment,
  { parent, first, ownRate }: { parent: QdiscAdd['parent']; first: number; ownRate: boolean },
): QdiscAdd[] {
  const { rate, queue } = impairment
  const chain: (QdiscSettings & { major: number })[] = []
  if (needsNetem(impairment)) chain.push({ ...netemOf(impairment), major: first })
  if (rate && queue) {
    if (ownRate) chain.push({ ...tbfOf(rate, queue, longestFrame(sender)), major: first + 1 })
    // The queue that tbf has from the start is one of bytes.
    if (!ownRate || queueKind(queue) !== 'bfifo') chain.push({ ...queueOf(queue, rate), major: first + 2 })
  }
  const { node, interface: name, index } = sender
  return chain.map(({ major, ...qdisc }, at) => {
    const above = chain[at - 1]
    const place = above === undefined ? parent : { major: above.major, minor: 1 }
    return { op: 'qdisc.add', node, interface: name, index, major, parent: place, qdisc }
  })
}

export function netemOf(impairment: Impairment): NetemQdisc {
  const { delayNs = 0, jitter, loss, duplicate, corrupt, reorder, seed } = impairment
  return {
    kind: 'netem',
    packets: netemPackets(impairment),
    delayNs,
    jitter: jitter ?? null,
    loss: loss ?? null,
    duplicate: duplicate ?? null,
    corrupt: corrupt ?? null,
    reorder: reorder ?? null,
    seed: seed ?? null,
  }
}

/**
 * The frames that netem holds: what can come while the first one waits. The kernel's 1,000 would drop at 10 ms and 100,000 frames
 * a second.
 */
function netemPackets({ delayNs = 0, jitter, rate }: Impairment): number {
  const seconds = (delayNs + LONGEST_JITTERS * (jitter?.amountNs ?? 0)) / 1e9
  const fastest = rate ? rate.bitsPerSecond / 8 / SHORTEST_FRAME_BYTES : VETH_PACKETS_PER_SECOND
  const packets = Math.ceil(seconds * Math.min(SPARE * fastest, VETH_PACKETS_PER_SECOND))
  return Math.min(Math.max(packets, NETEM_PACKETS_LEAST), NETEM_PACKETS_MOST)
}

/** @param frameBytes of the longest frame, which has to pass */
function tbfOf({ bitsPerSecond, burstBytes, overheadBytes }: Rate, queue: Queue, frameBytes: number): QdiscSettings {
  const limitBytes = 'bytes' in queue ? queue.bytes : queue.packets * frameBytes
  return { kind: 'tbf', bitsPerSecond, overheadBytes, burstBytes: Math.max(burstBytes, frameBytes), limitBytes }
}

function queueOf(queue: Queue, { bitsPerSecond }: Rate): QdiscSettings {
  switch (queue.kind) {
    case 'fifo':
      return 'packets' in queue ? { kind: 'pfifo', packets: queue.packets } : { kind: 'bfifo', bytes: queue.bytes }
    case 'codel':
    case 'fq_codel':
      return queue
    case 'red':
      return { ...queue, bitsPerSecond }
  }
}
