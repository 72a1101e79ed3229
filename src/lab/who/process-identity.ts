// Identifies a process by its PID and its start time together, never by the PID alone, since the kernel uses PIDs again.
import { readFileSync } from 'node:fs'
import { LabError } from '../../errors.js'

export interface ProcessIdentity {
  pid: number
  /** Clock ticks from boot to the start of the process: field 22 of /proc/PID/stat (proc_pid_stat(5)). */
  startTime: number
}

/** The first process of a node, with the node's name. */
export interface NamedProcess extends ProcessIdentity {
  name: string
}

/** Start time of a process; null when there is no such process, or it is a zombie. */
export function startTimeOf(pid: number): number | null {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return null
  }
  // The second field, the command in parentheses, may itself contain blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // A zombie (Z) or dead process (X) still has a PID, but no memory, descriptors or namespaces.
  return fields[0] === 'Z' || fields[0] === 'X' ? null : Number(fields[19])
}

/** Real user id of a process, in the caller's user namespace; null when there is no such process. */
export function uidOf(pid: number): number | null {
  try {
    // The owner of /proc/PID would be root for a process that is not dumpable (PR_SET_DUMPABLE).
    const match = /^Uid:\t([0-9]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
    return match ? Number(match[1]) : null
  } catch {
    return null
  }
}

/** Whether this process still runs, and no other process has got its PID. */
export const isRunning = ({ pid, startTime }: ProcessIdentity): boolean => startTimeOf(pid) === startTime

/** @throws LabError NODE_NOT_FOUND for a node whose first process has ended. */
export function requireAlive(node: ProcessIdentity & { name: string }): void {
  if (!isRunning(node)) throw new LabError('NODE_NOT_FOUND', `${node.name} is dead: its first process has ended`)
}

/** Arguments of the shim that name the keeper whose namespaces it joins. */
export const keeperArguments = ({ pid, startTime }: ProcessIdentity): string[] => [
  ...['--keeper', String(pid)],
  ...['--start-time', String(startTime)],
]
