// What `up` says of a lab that runs already: what `apply` would do.
import { LabError } from '../../errors.js'
import type { ResolvedTopology } from '../../model/resolved.js'
import { changeSummary } from '../../present/change/summary.js'

/** The failure to report when a lab cannot be built: LAB_EXISTS says how the running lab differs from the file, where that can be read. */
export async function explainRunning(error: unknown, topology: ResolvedTopology, file: string): Promise<unknown> {
  if (!(error instanceof LabError) || error.code !== 'LAB_EXISTS') return error
  const { Lab } = await import('../../lab/lab.js')
  const change = await Promise.resolve()
    .then(() => Lab.attach(topology.name).diff(topology))
    .catch(() => null)
  if (change === null) return error
  const named = file === '-' ? 'FILE' : file
  const state = change.equal ? 'is as the file says' : `differs from the file: ${changeSummary(change)}`
  return new LabError('LAB_EXISTS', `a lab named ${topology.name} runs already, and ${state}`, {
    cause: error,
    hint: change.equal
      ? `give this one another name with --name, or take the other down with \`nslab down ${topology.name}\``
      : `\`nslab apply ${named}\` changes it, and \`nslab diff ${named}\` shows how`,
  })
}
