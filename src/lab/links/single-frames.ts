// Whether the interfaces of a lab hand on single frames, or packets that are yet to be cut (GSO).
import { KernelError } from '../../errors.js'
import { gsoMaxSegsOf, listLinks, setLink } from '../../kernel/netlink/rtnl/link.js'
import { writeSysctl } from '../../kernel/sysctl.js'
import type { EmulatedLink } from '../../model/impairment.js'
import { carriesSingleFrames } from '../../plan/emulation/links.js'
import type { RunningLab } from '../record/select.js'
import { allLinks, endText, type LinkEnd } from './endpoint.js'
import type { LabNetwork } from './lab-network.js'

const SINGLE = 1
/** GSO_MAX_SEGS of linux/netdevice.h, the kernel's default. */
export const ANY_SEGMENTS = 65_535

/**
 * Sets the ends of a link, and of those links that it makes a difference to. An end that has another limit than nslab's own keeps
 * it.
 *
 * @param emulations what links are to have
 * @param before what they had
 */
export async function setSingleFrames(
  lab: RunningLab,
  network: LabNetwork,
  link: number,
  { before, emulations }: Record<'before' | 'emulations', readonly (EmulatedLink | null)[]>,
): Promise<void> {
  const [wasSingle, isSingle] = [carriesSingleFrames(before), carriesSingleFrames(emulations)]
  const isMeant = (number: number): boolean => number === link || wasSingle(number) !== isSingle(number)
  const ends = allLinks(lab)
    .filter((_, number) => isMeant(number))
    .flat()
  for (const name of new Set(ends.map(({ node }) => node.name))) {
    const own = ends.filter(({ node }) => node.name === name)
    const { node } = own[0] as LinkEnd
    const socket = network.of(node)
    const found = new Map(
      (await socket.dump(listLinks())).map((payload) => [payload.readInt32LE(4), gsoMaxSegsOf(payload)]),
    )
    const requests = own.flatMap((end) => {
      const [now, wanted] = [found.get(end.index), isSingle(end.link) ? SINGLE : ANY_SEGMENTS]
      const isForeign = now === undefined || (wanted === ANY_SEGMENTS && now !== SINGLE)
      return isForeign || now === wanted
        ? []
        : [setLink({ target: endText(end), index: end.index, gsoMaxSegs: wanted })]
    })
    await socket.send(requests)
    // A TCP connection reads the limit with its route (sk_setup_caps in net/core/sock.c): it looks the route up again.
    if (requests.length > 0) network.visit(node, flushRoutes)
  }
}

/** Where /proc/sys is read-only, as in a container, connections find out when they next look up a route. */
function flushRoutes(): void {
  try {
    writeSysctl('net.ipv4.route.flush', '1', 'routes')
  } catch (error) {
    if (!(error instanceof KernelError)) throw error
  }
}
