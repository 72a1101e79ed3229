// The texts of `ps` and `mounts`. No line end after the last line.
import type { LabProcesses, NodeMounts } from '../model/process-view.js'
import { printable } from './printable.js'
import { renderTable } from './text-table.js'

export const processesText = ({ processes }: LabProcesses, columns?: number): string =>
  renderTable(
    ['NODE', 'PID', 'HOST PID', 'USER', 'COMMAND'],
    processes.map(({ node, pid, hostPid, user, command }) => [node, pid, hostPid, user, command]),
    columns,
  )

/** A table as of findmnt(8), in the order of /proc/PID/mountinfo; below it, the statistics that file systems such as NFS keep. */
export function mountsText({ mounts }: NodeMounts, columns?: number): string {
  const propagated = mounts.some(({ propagation }) => propagation.length > 0)
  const table = renderTable(
    ['TARGET', 'TYPE', 'SOURCE', 'ROOT', 'OPTIONS', ...(propagated ? ['PROPAGATION'] : [])],
    mounts.map(({ target, type, source, root, options, superOptions, propagation }) => [
      target,
      type,
      source,
      root,
      // The mount or the file system may be read-only. In both cases a program cannot write, so `ro` wins over `rw`.
      [...new Set([...options, ...superOptions])]
        .filter((each, _, all) => each !== 'rw' || !all.includes('ro'))
        .join(','),
      ...(propagated ? [propagation.length === 0 ? 'private' : propagation.join(',')] : []),
    ]),
    columns,
  )
  const counted = mounts.flatMap(({ target, statistics }) =>
    statistics === null ? [] : [[`statistics of ${target}:`, ...statistics.map((line) => `  ${line}`)].map(printable)],
  )
  return [table, ...counted.map((lines) => lines.join('\n'))].join('\n\n')
}
