// Lists the mounts of a node, as its first process sees them.
import { readFileSync } from 'node:fs'
import { LabError } from '../../errors.js'
import { attempt } from '../../kernel/attempt.js'
import { parseMountStatistics } from '../../kernel/proc/mount-statistics.js'
import { parseMounts } from '../../kernel/proc/mount-table.js'
import type { NodeMounts } from '../../model/process-view.js'
import type { SelectedNode } from '../record/select.js'
import { isRunning } from '../who/process-identity.js'

/** The mounts of a node. @throws LabError NODE_NOT_FOUND for a dead node, KernelError when its mounts may not be read. */
export function nodeMounts({ lab, node }: SelectedNode): NodeMounts {
  const { name, pid } = node
  if (!isRunning(node))
    throw new LabError('NODE_NOT_FOUND', `node ${lab.name}/${name} is dead: its first process ended`)
  const statistics = parseMountStatistics(read(`/proc/${pid}/mountstats`))
  const linesOf = (target: string, type: string) =>
    statistics.findLast((each) => each.target === target && each.type === type)?.lines ?? null
  const mounts = parseMounts(read(`/proc/${pid}/mountinfo`)).map(({ readOnly, ...mount }) => ({
    ...mount,
    statistics: linesOf(mount.target, mount.type),
  }))
  return { lab: lab.name, node: name, pid, mounts }
}

const read = (path: string): string => attempt('read', path, () => readFileSync(path, 'utf8'))
