// Finds out why a lab does not end although its keeper was killed. The kernel keeps the lab's PID namespace until every process
// in it is reaped, also those whose parent is outside of the lab: a program such as nsenter(1), or PID 1 of the machine.
import { listPids, type ProcessStatus, readProcessStatus } from '../../kernel/proc/list-processes.js'

/** State letters of a process that does nothing until it is continued: stopped, or stopped by a debugger. */
const STOPPED = ['T', 't']

/**
 * Processes that have not reaped a child which has ended in a PID namespace below their own. In the state after a lab's keeper
 * was killed, these keep the lab from ending.
 */
export function processesThatDoNotReap(): ProcessStatus[] {
  const processes = new Map(
    listPids()
      .flatMap((pid) => readProcessStatus(pid) ?? [])
      .map((each) => [each.pid, each]),
  )
  const parents = [...processes.values()].flatMap((each) => {
    const parent = processes.get(each.parent)
    return each.state === 'Z' && parent && parent.nsPids.length < each.nsPids.length ? [parent] : []
  })
  return [...new Set(parents)]
}

/** What the user can do about a lab that does not end. */
export function hintForStuckLab(parents: readonly ProcessStatus[]): string {
  const [parent] = parents
  if (!parent)
    return 'a process of the lab hangs in the kernel, such as one that waits for a device or a network file system'
  if (parent.pid === 1)
    return (
      'a process of the lab has ended, and PID 1 of this machine does not reap it: give a container an init, as ' +
      '`docker run --init` does, and run `nslab down` again'
    )
  const isStopped = STOPPED.includes(parent.state)
  return (
    `process ${parent.pid} (${parent.name})${isStopped ? ', which is stopped,' : ''} has not reaped a process that it ` +
    `started in the lab: ${isStopped ? `continue it with \`kill -CONT ${parent.pid}\`, or end it` : 'end it'}, and run ` +
    '`nslab down` again'
  )
}
