// Runs the commands of a change, once all else of it has been carried out. The record says which have run: in it, a node has no other.
import { LabError } from '../../errors.js'
import type { ResolvedTopology } from '../../model/resolved.js'
import { newCommands } from '../../plan/change/nodes/node-differences.js'
import type { CommandRun } from '../../plan/op.js'
import { type AppliedRecord, writeApplied } from '../record/applied/applied.js'
import type { RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { runCommands } from '../run/commands.js'
import type { ApplyOptions } from './options.js'

/** The record of a large lab takes milliseconds to write: of the time that commands take, so much may go into that. */
const SHARE = 0.05

/** The topology as if it did not have some of its commands yet. */
export function withoutCommands(topology: ResolvedTopology, commands: readonly CommandRun[]): ResolvedTopology {
  if (commands.length === 0) return topology
  const missing = new Map<string, string[][]>()
  for (const { node, command } of commands) missing.set(node, [...(missing.get(node) ?? []), command])
  const nodes = topology.nodes.map((node) => {
    const left = missing.get(node.name)
    if (!left || !node.contents) return node
    return { ...node, contents: { ...node.contents, commands: newCommands(left, node.contents.commands) } }
  })
  return { ...topology, nodes }
}

/**
 * Runs commands in order.
 *
 * @param record with the topology that the lab has; those of `commands` that have not run are in it afterwards as commands that the
 * lab does not have
 * @throws LabError COMMAND_FAILED; INTERRUPTED when aborted. The lab stays changed.
 */
export async function runNewCommands(
  lab: RunningLab,
  record: AppliedRecord,
  commands: readonly CommandRun[],
  { signal, onProgress }: ApplyOptions,
): Promise<void> {
  if (commands.length === 0) return
  const byName = new Map(lab.state.nodes.map((node) => [node.name, node]))
  const total = commands.length
  let [ran, next] = [0, 0]
  const write = () =>
    writeApplied(lab.directory, { ...record, topology: withoutCommands(record.topology, commands.slice(ran)) })
  try {
    await runCommands(commands, (name) => byName.get(name) as NodeState, {
      signal,
      onDone: (done) => {
        ran = done
        // For the case that this process is killed.
        const begun = performance.now()
        if (done > 0 && begun >= next) {
          write()
          next = begun + (performance.now() - begun) / SHARE
        }
        onProgress?.({ stage: 'commands', done, total })
      },
    })
    ran = total
  } catch (error) {
    throw explained(lab, error, commands.slice(ran), signal)
  } finally {
    write()
  }
}

function explained(
  lab: RunningLab,
  error: unknown,
  left: readonly CommandRun[],
  signal: AbortSignal | undefined,
): unknown {
  const count = left.length === 1 ? '1 command has' : `${left.length} commands have`
  const hint = `\`nslab apply FILE\` runs what has not run: ${left.length === 1 ? 'this command' : 'these commands'} and no other`
  if (signal?.aborted)
    return new LabError(
      'INTERRUPTED',
      `interrupted while commands ran in lab ${lab.name}: it is changed and stays so, but ${count} not run to the end`,
      { cause: error, hint },
    )
  if (!(error instanceof LabError)) return error
  return new LabError(
    error.code,
    `${error.message}\nlab ${lab.name} is changed and stays so, but ${count} not run to the end`,
    {
      cause: error,
      hint: error.hint === undefined ? hint : `${error.hint}; ${hint}`,
    },
  )
}
