// Labs at a glance: what `ls` shows. Reads the state directories, and of nodes only whether they are paused, so that it is quick.
import type { LabStatus, LabSummary } from '../../model/lab-view.js'
import type { LabState } from '../record/state.js'
import { listLabs } from '../record/store.js'
import { pausedOf } from '../run/pause.js'

/** Every lab of this user's, in order of name. */
export function summarizeLabs(): LabSummary[] {
  return listLabs().map(({ name, state }) => ({
    name,
    ...statusOf(state),
    nodes: state?.nodes.length ?? 0,
    links: state?.links.length ?? 0,
    keeper: state ? { pid: state.keeper.pid } : null,
    rootless: state?.rootless ?? false,
  }))
}

/** A lab is paused when all of it is that lives. */
function statusOf(state: LabState | null): { status: LabStatus; paused: number } {
  if (state?.status !== 'running') return { status: 'building', paused: 0 }
  const { count, all } = pausedOf(state.nodes)
  return { status: all ? 'paused' : 'running', paused: count }
}
