// Changes the impairments of links of a running lab.
import { LabError } from '../../errors.js'
import type { EmulatedLink, LinkBackend, LinkEmulation } from '../../model/impairment.js'
import { backendOf } from '../../plan/emulation/backend.js'
import { isImpaired, wireIndexes } from '../../plan/emulation/links.js'
import { changeLink, type Station } from '../../topology/emulation/change-link.js'
import type { ReadSource } from '../../topology/emulation/emulations.js'
import { directionText, impairmentText } from '../../topology/emulation/impairment-text.js'
import type { RunningLab } from '../record/select.js'
import type { TurnOptions } from '../turn/turn.js'
import { kernelKinds } from '../who/kernel-kinds.js'
import { tellWire } from '../wire/wire.js'
import { wireWords } from '../wire/words.js'
import { linkOf } from './carrier.js'
import { whileTurn } from './change-lab.js'
import { setDisciplines } from './disciplines.js'
import { endsOfLink, endText, type LinkEnd, otherEnd } from './endpoint.js'
import { LabNetwork } from './lab-network.js'
import { saveState } from './live-state.js'
import { replaceByWire } from './replace.js'
import { type EndSegments, leastOf, segmentsWith, setSegments } from './segments.js'
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
  for (const [link, emulation] of planned) await applyLink(lab, network, link, emulation, result)
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

const emulatedOf = ({ state }: RunningLab, link: number): EmulatedLink | null => state.emulations?.[link] ?? null

async function applyLink(
  lab: RunningLab,
  network: LabNetwork,
  link: number,
  emulation: LinkEmulation,
  result: SetLinks,
): Promise<void> {
  const name = (lab.state.links[link] as [string, string]).join(' – ')
  const before = emulatedOf(lab, link)
  const after = await emulatedBy(before, emulation, name)
  const old = lab.state.links.map((_, at) => emulatedOf(lab, at))
  const emulations = old.map((each, at) => (at === link ? after : each))
  if (after?.backend === 'wire' && before?.backend !== 'wire') {
    result.warnings.push(...(await replaceByWire(lab, network, link, emulations)))
    result.replaced.push(name)
  }
  const [had, wanted] = (await segmentsWith(lab, network, old, emulations)) as [EndSegments, EndSegments]
  const meanwhile = leastOf(had, wanted)
  try {
    await setSegments(lab, network, link, { before: had, wanted: meanwhile })
    if (after?.backend !== 'wire') await setBoth(lab, network, link, before, after)
    else if (before?.backend === 'wire')
      await tellWire(lab.state.keeper, wireWords({ link, indexes: wireIndexes(link), emulation }))
    await setSegments(lab, network, link, { before: meanwhile, wanted })
  } catch (error) {
    await setSegments(lab, network, link, { before: wanted, wanted: had })
    throw error
  }
  // The kernel and the wire come first: they have what counts, and when this command is killed here, the next one sends all again.
  const { replacement: _, emulations: __, ...state } = lab.state
  lab.state = emulations.every((each) => each === null) ? state : { ...state, emulations }
  saveState(lab, lab.state)
}

/** null for a plain link. A link that the wire carries is carried on by it. @throws LabError FEATURE_MISSING */
async function emulatedBy(
  before: EmulatedLink | null,
  emulation: LinkEmulation,
  name: string,
): Promise<EmulatedLink | null> {
  if (before?.backend === 'wire') return { backend: 'wire', emulation }
  const backend = isImpaired(emulation) ? backendOf(emulation, await kernelKinds(), name) : null
  if (backend !== null) return { backend, emulation }
  // It stays written that this link is not to be replaced.
  return emulation.backend === 'netem' ? { backend: 'netem', emulation } : null
}

/** Both ends, or none. */
async function setBoth(
  lab: RunningLab,
  network: LabNetwork,
  link: number,
  before: EmulatedLink | null,
  after: EmulatedLink | null,
): Promise<void> {
  const set = async (side: 0 | 1, from: EmulatedLink | null, to: EmulatedLink | null) => {
    const end = endsOfLink(lab, link)[side]
    const socket = network.of(end.node)
    const { mtu } = await linkOf(socket, end)
    const sender = { node: end.node.name, interface: end.interface, index: end.index, mtu }
    const [old, next] = [from, to].map((each) => each?.emulation.directions[side] ?? { impairment: null })
    await setDisciplines(socket, sender, old ?? { impairment: null }, next ?? { impairment: null })
  }
  await set(0, before, after)
  try {
    await set(1, before, after)
  } catch (error) {
    await set(0, after, before)
    throw error
  }
}
