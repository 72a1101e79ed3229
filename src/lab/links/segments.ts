// How many segments a packet may have that the ends of links send (GSO), in a running lab.
import { KernelError } from '../../errors.js'
import { gsoMaxSegsOf, listLinks, parseLink, setLink } from '../../kernel/netlink/rtnl/link.js'
import { writeSysctl } from '../../kernel/sysctl.js'
import type { EmulatedLink } from '../../model/impairment.js'
import { least, type Segments, segmentsOf, segmentsOfEnds } from '../../plan/emulation/segments.js'
import type { RunningLab } from '../record/select.js'
import { allLinks, endText, type LinkEnd } from './endpoint.js'
import type { LabNetwork } from './lab-network.js'

/** GSO_MAX_SEGS of linux/netdevice.h, the kernel's default. */
export const ANY_SEGMENTS = 65_535
const SINGLE = 1
/** The least MTU of a link with IPv6 (RFC 8200, section 5), and the usual one. */
const LEAST_MTU = 1280
const USUAL_MTU = 1500

/** Of both ends of each link, by number. */
export type EndSegments = readonly [Segments, Segments][]

/** @param emulations what links have, one list for each time */
export async function segmentsWith(
  lab: RunningLab,
  network: LabNetwork,
  ...emulations: readonly (readonly (EmulatedLink | null)[])[]
): Promise<EndSegments[]> {
  // Each MTU costs a question to the kernel, and only fast rates depend on it.
  const depends = ({ link, side }: LinkEnd): boolean =>
    emulations.some((each) => {
      const direction = each[link]?.emulation.directions[side]
      const segments = direction ? segmentsOf(direction, LEAST_MTU) : null
      return segments !== null && segments !== SINGLE
    })
  const ends = allLinks(lab)
  const mtus = new Map<string, number>()
  await inEachNode(network, ends.flat().filter(depends), async (own, links) => {
    for (const end of own) {
      const payload = links.get(end.index)
      if (payload) mtus.set(endText(end), parseLink(payload).mtu)
    }
  })
  return emulations.map((each) =>
    segmentsOfEnds(each, lab.state.tunnels === true, (link, side) => {
      const end = ends[link]?.[side]
      return (end && mtus.get(endText(end))) ?? USUAL_MTU
    }),
  )
}

/**
 * Sets the limits of a link, and of those links whose limits change. A limit that a node has set by itself, lower than what is
 * wanted, stays.
 *
 * @param before what ends had of nslab's
 */
export async function setSegments(
  lab: RunningLab,
  network: LabNetwork,
  link: number,
  { before, wanted }: Record<'before' | 'wanted', EndSegments>,
): Promise<void> {
  const limitOf = (of: EndSegments, end: LinkEnd): number => of[end.link]?.[end.side] ?? ANY_SEGMENTS
  const ends = allLinks(lab)
    .flat()
    .filter((end) => end.link === link || limitOf(before, end) !== limitOf(wanted, end))
  await inEachNode(network, ends, async (own, links) => {
    const requests = own.flatMap((end) => {
      const payload = links.get(end.index)
      if (!payload) return []
      const [now, next] = [gsoMaxSegsOf(payload), limitOf(wanted, end)]
      const isOwn = now === SINGLE || now === limitOf(before, end)
      return now > next || (now < next && isOwn)
        ? [setLink({ target: endText(end), index: end.index, gsoMaxSegs: next })]
        : []
    })
    const { node } = own[0] as LinkEnd
    await network.of(node).send(requests)
    // A TCP connection reads the limit with its route (sk_setup_caps in net/core/sock.c): it looks the route up again.
    if (requests.length > 0) network.visit(node, flushRoutes)
  })
}

/** @param action gets the ends in one node, and its RTM_NEWLINKs by ifindex */
async function inEachNode(
  network: LabNetwork,
  ends: readonly LinkEnd[],
  action: (own: LinkEnd[], links: ReadonlyMap<number, Buffer>) => Promise<void>,
): Promise<void> {
  for (const name of new Set(ends.map(({ node }) => node.name))) {
    const own = ends.filter(({ node }) => node.name === name)
    const payloads = await network.of((own[0] as LinkEnd).node).dump(listLinks())
    await action(own, new Map(payloads.map((payload) => [payload.readInt32LE(4), payload])))
  }
}

/** The smaller limits of two times, which hold while one becomes the other. */
export const leastOf = (one: EndSegments, other: EndSegments): EndSegments =>
  one.map(([a, b], link) => [least([a, other[link]?.[0] ?? null]), least([b, other[link]?.[1] ?? null])])

/** Where /proc/sys is read-only, as in a container, connections find out when they next look up a route. */
function flushRoutes(): void {
  try {
    writeSysctl('net.ipv4.route.flush', '1', 'routes')
  } catch (error) {
    if (!(error instanceof KernelError)) throw error
  }
}
