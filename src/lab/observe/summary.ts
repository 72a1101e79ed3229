// Summarises labs for `ls`. To be quick, it reads only the state files, and of each node only whether it is paused.
import type { LabStatus, LabSummary } from '../../model/lab-view.js'
import { keeperOf, type LabRecord } from '../record/lab-record.js'
import { listAllLabs } from '../record/list-labs.js'
import { countPaused } from '../run/pause.js'

/** All living labs of this user, sorted by name. */
export const summarizeLabs = (): LabSummary[] => listAllLabs().map(summaryOf)

/** What is known of a lab. Of a damaged or orphaned one, that is only its keeper. */
function summaryOf(lab: LabRecord): LabSummary {
  const { name, state } = lab
  const keeper = state?.keeper ?? keeperOf(lab)
  return {
    name,
    ...statusOf(lab),
    nodes: state?.nodes.length ?? 0,
    links: state?.links.length ?? 0,
    keeper: keeper && { pid: keeper.pid },
    rootless: state?.rootless ?? false,
    ...(state?.degraded ? { degraded: state.degraded } : {}),
  }
}

/** A lab is paused when all of its living nodes are, and at least one lives. */
function statusOf({ state, damage, isOrphaned }: LabRecord): { status: LabStatus; paused: number } {
  if (isOrphaned) return { status: 'orphaned', paused: 0 }
  if (damage !== null) return { status: 'damaged', paused: 0 }
  if (state?.status !== 'running') return { status: 'building', paused: 0 }
  const { count, all } = countPaused(state.nodes)
  return { status: all ? 'paused' : 'running', paused: count }
}
