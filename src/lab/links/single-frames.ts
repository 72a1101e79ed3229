// Whether the interfaces of a lab hand on single frames, or packets that are yet to be cut (GSO).
import { gsoMaxSegsOf, listLinks, setLink } from '../../kernel/netlink/rtnl/link.js'
import type { EmulatedLink } from '../../model/impairment.js'
import { carriesSingleFrames } from '../../plan/emulation/links.js'
import type { RunningLab } from '../record/select.js'
import { allLinks, endText } from './endpoint.js'
import type { LabNetwork } from './lab-network.js'

const SINGLE = 1
/** GSO_MAX_SEGS of linux/netdevice.h, the kernel's default. */
export const ANY_SEGMENTS = 65_535

/** Sets the ends of all links for these emulations. An end that has another limit than nslab's own keeps it. */
export async function setSingleFrames(
  lab: RunningLab,
  network: LabNetwork,
  emulations: readonly (EmulatedLink | null)[],
): Promise<void> {
  const isSingle = carriesSingleFrames(emulations)
  const ends = allLinks(lab).flat()
  for (const name of new Set(ends.map(({ node }) => node.name))) {
    const own = ends.filter(({ node }) => node.name === name)
    const socket = network.of((own[0] as (typeof own)[number]).node)
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
  }
}
