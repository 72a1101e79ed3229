// Changes what emulates a link of a running lab.
import type { EmulatedLink, LinkEmulation } from '../../model/impairment.js'
import { backendOf } from '../../plan/emulation/backend.js'
import { isImpaired, wireIndexes } from '../../plan/emulation/links.js'
import type { RunningLab } from '../record/select.js'
import { kernelKinds } from '../who/kernel-kinds.js'
import { tellWire } from '../wire/wire.js'
import { wireWords } from '../wire/words.js'
import { linkOf } from './carrier.js'
import { setDisciplines } from './disciplines.js'
import { endsOfLink } from './endpoint.js'
import type { LabNetwork } from './lab-network.js'
import { saveState } from './live-state.js'
import { replaceByWire } from './replace.js'
import { type EndSegments, leastOf, segmentsWith, setSegments } from './segments.js'

export const emulatedOf = ({ state }: RunningLab, link: number): EmulatedLink | null => state.emulations?.[link] ?? null

/**
 * Gives a link an emulation: in its queueing disciplines, through the lab's wire, or, where a plain link needs the wire, by making
 * its veth pair anew. The state of `lab` is changed, and written.
 *
 * @param link its place in the state
 * @returns warnings, and the name of the link, `A – B`, when its veth pair was replaced; null when it was not
 * @throws LabError KERNEL_REFUSED when the kernel or the wire refuses; then the link is as it was
 */
export async function emulateLink(
  lab: RunningLab,
  network: LabNetwork,
  link: number,
  emulation: LinkEmulation,
): Promise<{ warnings: string[]; replaced: string | null }> {
  const warnings: string[] = []
  let replaced: string | null = null
  const name = (lab.state.links[link] as [string, string]).join(' – ')
  const before = emulatedOf(lab, link)
  const after = await emulatedBy(before, emulation, name)
  const old = lab.state.links.map((_, at) => emulatedOf(lab, at))
  const emulations = old.map((each, at) => (at === link ? after : each))
  if (after?.backend === 'wire' && before?.backend !== 'wire') {
    warnings.push(...(await replaceByWire(lab, network, link, emulations)))
    replaced = name
  }
  const [had, wanted] = (await segmentsWith(lab, network, old, emulations)) as [EndSegments, EndSegments]
  const meanwhile = leastOf(had, wanted)
  const { number } = endsOfLink(lab, link)[0]
  try {
    await setSegments(lab, network, link, { before: had, wanted: meanwhile })
    if (after?.backend !== 'wire') await setBoth(lab, network, link, before, after)
    else if (before?.backend === 'wire')
      await tellWire(lab.state.keeper, wireWords({ link: number, indexes: wireIndexes(number), emulation }))
    await setSegments(lab, network, link, { before: meanwhile, wanted })
  } catch (error) {
    await setSegments(lab, network, link, { before: wanted, wanted: had })
    throw error
  }
  // The kernel and the wire come first: they have what counts, and when this command is killed here, the next one sends all again.
  const { replacement: _, emulations: __, ...state } = lab.state
  lab.state = emulations.every((each) => each === null) ? state : { ...state, emulations }
  saveState(lab, lab.state)
  return { warnings, replaced }
}

/** null for a plain link. A link that the wire carries is carried on by it. @throws LabError FEATURE_MISSING */
async function emulatedBy(
  before: EmulatedLink | null,
  emulation: LinkEmulation,
  name: string,
): Promise<EmulatedLink | null> {
  if (before?.backend === 'wire') return { backend: 'wire', emulation }
  const isEmulated = isImpaired(emulation) || emulation.backend === 'wire'
  const backend = isEmulated ? backendOf(emulation, await kernelKinds(), name) : null
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
