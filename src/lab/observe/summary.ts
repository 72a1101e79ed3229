// Summarises labs for `ls`. To be quick, it reads only the state files, and of each node only whether it is paused.
import type { LabStatus, LabSummary } from '../../model/lab-view.js'
import { listLabs } from '../record/list-labs.js'
import type { LabState } from '../record/state.js'
import { countPaused } from '../run/pause.js'

/** All labs of this user, sorted by name. */
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

/** A lab is paused when all of its living nodes are, and at least one lives. */
function statusOf(state: LabState | null): { status: LabStatus; paused: number } {
  if (state?.status !== 'running') return { status: 'building', paused: 0 }
  const { count, all } = countPaused(state.nodes)
  return { status: all ? 'paused' : 'running', paused: count }
}
