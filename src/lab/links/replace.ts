// Puts the lab's wire between the ends of a link that is a plain veth pair. The kernel cannot change the pair: both ends are
// deleted, since the ifindex of one that lives cannot be used again, and made anew.
import { LabError } from '../../errors.js'
import type { EmulatedLink } from '../../model/impairment.js'
import type { RunningLab } from '../record/select.js'
import type { KeptEnd } from '../record/state.js'
import { countPaused } from '../run/pause.js'
import { callerOf } from '../who/caller.js'
import { IdMaps } from '../who/id-map.js'
import { startWire, tellWire } from '../wire/wire.js'
import { refuseAttached } from './attached.js'
import { endsOfLink, endText } from './endpoint.js'
import { readEnd } from './kept-end.js'
import type { LabNetwork } from './lab-network.js'
import { saveState } from './live-state.js'
import { rebuildLink } from './rebuild.js'

/**
 * Replaces the veth pair of a link. Before anything is deleted, what both ends have is in the lab's state, so that no kill can
 * lose it.
 *
 * @param emulations of all links afterwards; this one's is `wire`
 * @returns warnings
 * @throws LabError KERNEL_REFUSED when something hangs on an end, before anything is changed; whatever failed, after the veth pair
 * was made again
 */
export async function replaceByWire(
  lab: RunningLab,
  network: LabNetwork,
  link: number,
  emulations: readonly (EmulatedLink | null)[],
): Promise<string[]> {
  const ends = endsOfLink(lab, link)
  for (const end of ends) await refuseAttached(network, end)
  await ensureWire(lab)
  const kept: [KeptEnd, KeptEnd] = [await readEnd(network, ends[0]), await readEnd(network, ends[1])]
  lab.state = { ...lab.state, replacement: { link, ends: kept } }
  saveState(lab, lab.state)
  try {
    return await rebuildLink({ lab, network, ends, kept, emulations })
  } catch (error) {
    await undoReplacement(lab, network)
    throw error
  }
}

/** Makes the veth pair of a link again whose replacement was not completed. Does nothing when there is none. */
export async function undoReplacement(lab: RunningLab, network: LabNetwork): Promise<void> {
  const { replacement, ...state } = lab.state
  if (!replacement) return
  if (!state.links[replacement.link])
    throw new LabError('INTERNAL', `the state of lab ${lab.name} has no link ${replacement.link}`)
  const ends = endsOfLink(lab, replacement.link)
  await rebuildLink({ lab, network, ends, kept: replacement.ends, emulations: state.emulations ?? [] }).catch(
    (cause) => {
      const names = ends.map(endText).join(' – ')
      const hint = 'the next `nslab link` command tries again'
      throw new LabError('KERNEL_REFUSED', `${names} could not be made again: ${cause.message}`, { cause, hint })
    },
  )
  lab.state = state
  saveState(lab, state)
}

/** The wire, which the lab may have had no use for. @throws KernelError when it has ended for good */
export async function ensureWire(lab: RunningLab): Promise<void> {
  const { keeper } = lab.state
  const netnsFd = await startWire(keeper, new IdMaps(callerOf()).root.uid)
  if (lab.state.wire?.netnsFd !== netnsFd) {
    lab.state = { ...lab.state, wire: { netnsFd } }
    saveState(lab, lab.state)
    if (countPaused(lab.state.nodes).all) await tellWire(keeper, ['pause'])
  }
  // Asked before anything is deleted, and not found out afterwards.
  await tellWire(keeper, ['statistics'])
}
