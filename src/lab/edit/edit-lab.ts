// Edits of the topology of a running lab: each is resolved with the file that the lab was made from, and applied.
import { LabError } from '../../errors.js'
import type { ResolvedTopology } from '../../model/resolved.js'
import type { SourceFile } from '../../model/source/lab-source.js'
import type { TopologyEdit } from '../../model/source/topology-edit.js'
import { resolveEdited } from '../../topology/edited.js'
import type { Topology } from '../../topology/source/topology.js'
import { refusePartsOfMachine } from '../../topology/untrusted.js'
import { applyWanted, type Wanted } from '../change/apply.js'
import type { ApplyOptions, ApplyResult } from '../change/options.js'
import type { AppliedRecord } from '../record/applied/applied.js'
import type { RunningLab } from '../record/select.js'
import { replay } from '../source/replay.js'
import { asRunning } from './as-running.js'

export type EditOptions = Omit<ApplyOptions, 'source' | 'prune'> & {
  /** Reads a file that an edit names, by its absolute path. */
  readFile: (path: string) => SourceFile
}

/**
 * Changes the topology of a lab. What is there keeps its names and addresses; routes are computed anew.
 *
 * @param ask makes the edits from the topology that the lab has; may throw
 * @throws LabError STATE_REFUSED for a lab whose topology a program has made, TOPOLOGY_INVALID when the edited topology has faults; as
 * `applyTopology`
 */
export async function editLab(
  lab: RunningLab,
  ask: (present: ResolvedTopology) => readonly TopologyEdit[],
  { readFile, ...options }: EditOptions,
): Promise<ApplyResult> {
  return await applyWanted(lab, (record, locked) => wanted(locked, record, ask(record.topology), readFile), options)
}

function wanted(
  lab: RunningLab,
  { topology: present, source }: AppliedRecord,
  edits: readonly TopologyEdit[],
  readFile: EditOptions['readFile'],
): Wanted {
  if (source === undefined)
    throw new LabError('STATE_REFUSED', `lab ${lab.name} was made by a program from no text, so it cannot be edited`, {
      hint: 'change it with `Lab.apply` in that program, or with `nslab apply FILE`',
    })
  const { options, machine, read } = replay(source, readFile)
  const adapt = (topology: Topology): Topology => {
    if (lab.state.untrusted) refusePartsOfMachine(topology)
    return topology
  }
  const before = source.edits
  const topology = resolveEdited({ text: source.text, options, before, present, edits }, machine, adapt)
  return {
    topology: asRunning(topology, present, lab.state),
    source: { ...source, sources: { ...source.sources, ...read }, edits: [...before, ...edits] },
  }
}

/**
 * Gives nodes a fresh PID, mount, IPC, UTS and cgroup namespace, and runs their commands again. Their network and user namespace stay, with
 * links, addresses and routes.
 *
 * @throws LabError USAGE for a node that shares one of these namespaces with others that are not to restart; as `applyTopology`
 */
export async function restartNodes(
  lab: RunningLab,
  nodes: readonly string[],
  options: Omit<ApplyOptions, 'source' | 'prune'>,
): Promise<ApplyResult> {
  return await applyWanted(
    lab,
    ({ topology, source }, { state }) => ({
      topology: asRunning(topology, topology, state),
      ...(source === undefined ? {} : { source }),
      restart: nodes,
    }),
    options,
  )
}
