// Changes the impairments of links of a running lab.
import { LabError } from '../../errors.js'
import type { EmulatedLink, LinkBackend, LinkEmulation } from '../../model/impairment.js'
import { changeLink, type Station } from '../../topology/emulation/change-link.js'
import type { ReadSource } from '../../topology/emulation/emulations.js'
import { directionText, impairmentText } from '../../topology/emulation/impairment-text.js'
import type { RunningLab } from '../record/select.js'
import type { TurnOptions } from '../turn/turn.js'
import { linkOf } from './carrier.js'
import { whileTurn } from './change-lab.js'
import { emulatedOf, emulateLink } from './emulate-link.js'
import { endText, type LinkEnd, otherEnd } from './endpoint.js'
import { LabNetwork } from './lab-network.js'
import { findStation } from './station.js'

export interface LinkSetting {
  /** `KEY=VALUE`, as `changeImpairment` reads them. */
  words: readonly string[]
  /** Removes what is there first: of the direction, or of the pair. */
  isCleared: boolean
  /** Only frames of this station, where the ends are ports of a LAN's switch. */
  pair?: string | undefined
  readSource?: ReadSource
}

/** One direction, or one pair of a LAN, as it is now. */
export interface SetDirection {
  /** `NODE:INTERFACE` that sends the frames, and the other end of the link that was set. */
  from: string
  to: string
  /** In the words of tc(8); null for none. */
  impairments: string | null
  /** What emulates the link; null for a veth pair alone. */
  emulation: LinkBackend | null
}

export interface SetLinks {
  changes: SetDirection[]
  /** Sentences. */
  warnings: string[]
  /** Links whose veth pair was replaced, `A – B`. */
  replaced: string[]
}

/**
 * Changes what the ends send. Several ends are changed all or, when the words have a fault at one of them, none.
 *
 * @throws LabError USAGE for the words, KERNEL_REFUSED when the kernel or the wire refuses; then the link is as it was
 */
export async function setImpairments(
  ends: readonly LinkEnd[],
  setting: LinkSetting,
  turn: TurnOptions = {},
): Promise<SetLinks> {
  const result: SetLinks = { changes: [], warnings: [], replaced: [] }
  for (const lab of new Set(ends.map((end) => end.lab))) {
    await whileTurn(lab, turn, async (locked) => {
      using network = new LabNetwork(locked.state.keeper)
      const own = ends.filter((end) => end.lab === lab).map((end) => ({ ...end, lab: locked }))
      await setInLab(locked, network, own, setting, result)
    })
  }
  return result
}

async function setInLab(
  lab: RunningLab,
  network: LabNetwork,
  ends: readonly LinkEnd[],
  { words, isCleared, pair, readSource }: LinkSetting,
  result: SetLinks,
): Promise<void> {
  const planned = new Map<number, LinkEmulation>()
  const changed = []
  for (const end of ends) {
    const station = pair === undefined ? null : await findStation(network, end, pair)
    const before = planned.get(end.link) ?? emulatedOf(lab, end.link)?.emulation ?? null
    const { mtu } = await linkOf(network.of(end.node), end)
    const sender = { side: end.side, ends: lab.state.links[end.link] as [string, string], mtu }
    const change = { words, isCleared, ...(station === null ? {} : { station }) }
    const after = changeLink(before, change, sender, readSource)
    if ('faults' in after) throw new LabError('USAGE', after.faults.join('\n'))
    planned.set(end.link, after.emulation)
    result.warnings.push(...after.warnings)
    changed.push({ end, station })
  }
  for (const [link, emulation] of planned) {
    const { warnings, replaced } = await emulateLink(lab, network, link, emulation)
    result.warnings.push(...warnings)
    if (replaced !== null) result.replaced.push(replaced)
  }
  for (const { end, station } of changed) result.changes.push(describe(end, station, emulatedOf(lab, end.link)))
}

function describe(end: LinkEnd, station: Station | null, emulated: EmulatedLink | null): SetDirection {
  const direction = emulated?.emulation.directions[end.side]
  const source = direction?.sources?.find(({ mac }) => station?.macs.includes(mac))
  return {
    from: station?.name ?? endText(end),
    to: endText(otherEnd(end)),
    impairments:
      (station ? source?.impairment && impairmentText(source.impairment) : direction && directionText(direction)) ??
      null,
    emulation: emulated?.backend ?? null,
  }
}
