// Labs at a glance: what `ls` shows. Reads the state directories only, so that it is quick when nothing runs.
import type { LabSummary } from '../topology/view.js'
import { listLabs } from './store.js'

/** Every lab of this user's, in order of name. */
export function summarizeLabs(): LabSummary[] {
  return listLabs().map(({ name, state }) => ({
    name,
    status: state?.status ?? 'building',
    nodes: state?.nodes.length ?? 0,
    links: state?.links.length ?? 0,
    keeper: state ? { pid: state.keeper.pid } : null,
    rootless: state?.rootless ?? false,
  }))
}
