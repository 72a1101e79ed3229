// Who a process is: its PID and its start time together, never the PID alone, since PIDs are used again.
import { readFileSync } from 'node:fs'
import { LabError } from '../../errors.js'

export interface ProcessIdentity {
  pid: number
  /** Clock ticks between boot and the process's start: field 22 of /proc/PID/stat (proc_pid_stat(5)). */
  startTime: number
}

/** A node's first process. */
export interface NamedProcess extends ProcessIdentity {
  name: string
}

/** Start time of a process, or null when there is no such process. */
export function startTimeOf(pid: number): number | null {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return null
  }
  // The second field, the command in parentheses, may itself hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // A zombie still has a PID, but nothing of it is left.
  return fields[0] === 'Z' || fields[0] === 'X' ? null : Number(fields[19])
}

/** User id of a process, real, as this process's user namespace numbers it; null when there is no such process. */
export function uidOf(pid: number): number | null {
  try {
    // Not the owner of /proc/PID, which is root for a process that may not be dumped.
    const match = /^Uid:\t([0-9]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
    return match ? Number(match[1]) : null
  } catch {
    return null
  }
}

/** Whether this very process still runs. */
export const isRunning = ({ pid, startTime }: ProcessIdentity): boolean => startTimeOf(pid) === startTime

/** @throws LabError NODE_NOT_FOUND for a node whose first process has ended. */
export function requireAlive(node: ProcessIdentity & { name: string }): void {
  if (!isRunning(node)) throw new LabError('NODE_NOT_FOUND', `${node.name} is dead: its first process has ended`)
}

/** Words that tell the shim whose namespaces to join. */
export const keeperArguments = ({ pid, startTime }: ProcessIdentity): string[] => [
  ...['--keeper', String(pid)],
  ...['--start-time', String(startTime)],
]
