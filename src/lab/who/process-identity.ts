// Identifies a process by its PID and its start time together, never by the PID alone, since the kernel uses PIDs again.
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { LabError } from '../../errors.js'
import { ABSENT, attemptIf } from '../../kernel/attempt.js'
import { requireProc } from '../../kernel/proc/require-proc.js'
import { readIfThere } from '../../kernel/small-file.js'

export interface ProcessIdentity {
  pid: number
  /**
   * Clock ticks from boot to the start of the process: field 22 of /proc/PID/stat (proc_pid_stat(5)), as the initial time
   * namespace shows it.
   */
  startTime: number
}

/** The first process of a node, with the node's name. */
export interface NamedProcess extends ProcessIdentity {
  name: string
}

/** USER_HZ, the same on every architecture that Node.js runs on (proc_pid_stat(5)). */
const TICKS_PER_SECOND = 100
const NANOSECONDS_PER_TICK = 1e9 / TICKS_PER_SECOND

/** Read once; a program with threads cannot change its time namespace (setns(2), EUSERS). */
let ownOffset: number | undefined

/** Ticks by which this process's time namespace shifts the start times that it reads (time_namespaces(7)). */
const ticksOfOwnNamespace = (): number => (ownOffset ??= boottimeTicks(readIfThere('/proc/self/timens_offsets') ?? ''))

/**
 * The boottime offset in /proc/PID/timens_offsets, in whole clock ticks. A kernel without time namespaces has no such file.
 *
 * @param text lines of `CLOCK SECONDS NANOSECONDS`
 */
export function boottimeTicks(text: string): number {
  const [, seconds = '0', nanoseconds = '0'] = /^boottime +(-?[0-9]+) +([0-9]+)$/m.exec(text) ?? []
  return Number(seconds) * TICKS_PER_SECOND + Math.floor(Number(nanoseconds) / NANOSECONDS_PER_TICK)
}

/** With the option hidepid of proc(5), the files of other users' processes cannot be opened: none of them belongs to a lab. */
const NOT_OURS = [...ABSENT, constants.errno.EPERM]

/** A file about a process; null when there is no such process. */
const readOf = (pid: number, name: string): string | null => {
  const path = `/proc/${pid}/${name}`
  return attemptIf(NOT_OURS, 'read', path, () => readFileSync(path, 'utf8'))
}

export interface ProcessStat {
  /** One letter: R running, S sleeping, D waiting, T stopped. */
  state: string
  /** PID of the parent. */
  parent: number
  /** As in ProcessIdentity. */
  startTime: number
}

/** Start time of a process; null when there is no such process, or it is a zombie. @throws KernelError when it is unknown */
export const startTimeOf = (pid: number): number | null => readStat(pid)?.startTime ?? null

/** Reads /proc/PID/stat; null when there is no such process, or it is a zombie. @throws KernelError when that is unknown */
export function readStat(pid: number): ProcessStat | null {
  const stat = readOf(pid, 'stat')
  if (stat === null) {
    requireProc()
    return null
  }
  // The second field, the command in parentheses, may itself contain blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // A zombie (Z) or dead process (X) still has a PID, but no memory, descriptors or namespaces.
  if (fields[0] === 'Z' || fields[0] === 'X') return null
  return { state: fields[0] ?? '', parent: Number(fields[1]), startTime: Number(fields[19]) - ticksOfOwnNamespace() }
}

/** PF_EXITING of include/linux/sched.h */
const PF_EXITING = 0x4

/** Whether a process has ended, or is about to: the first process of a PID namespace ends all others before it ends. */
export function isExiting(identity: ProcessIdentity): boolean {
  const stat = readOf(identity.pid, 'stat')
  const flags = Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[6] ?? 0)
  return (flags & PF_EXITING) !== 0 || !isRunning(identity)
}

/** Real user id of a process, in the caller's user namespace; null when there is no such process. @throws KernelError */
export function uidOf(pid: number): number | null {
  // The owner of /proc/PID would be root for a process that is not dumpable (PR_SET_DUMPABLE).
  const match = /^Uid:\t([0-9]+)/m.exec(readOf(pid, 'status') ?? '')
  return match ? Number(match[1]) : null
}

/** Whether this process still runs, and no other process has got its PID. @throws KernelError when it is unknown */
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
