// Limits of the machine and of this process, and how much of each is in use.
import { statSync } from 'node:fs'
import { ABSENT, attemptIf, FORBIDDEN } from '../attempt.js'
import { numberOf, readIfThere, readSysctl } from '../small-file.js'
import { cgroupRoom } from './cgroup.js'
import { listPids } from './list-processes.js'

/** Infinity means unlimited, or unknown. `Limits` in src/machine/facts.ts says what each number is. */
export interface MachineLimits {
  openFiles: number
  processes: number
  ownTasks: number
  pids: number
  tasks: number
  cgroupTasksFree: number
  memoryFree: number
}

/** @param uid the user whose tasks are counted; null counts none, which spares reading all of /proc */
export function machineLimits(uid: number | null): MachineLimits {
  const { openFiles, processes } = parseLimits(readIfThere('/proc/self/limits') ?? '')
  const room = cgroupRoom()
  return {
    openFiles,
    processes,
    ownTasks: uid === null ? 0 : tasksOf(uid),
    pids: Math.min(readSysctl('kernel.pid_max') ?? Infinity, readSysctl('kernel.threads-max') ?? Infinity),
    tasks: Number(/ [0-9]+\/([0-9]+) /.exec(readIfThere('/proc/loadavg') ?? '')?.[1] ?? 0),
    cgroupTasksFree: room.tasks,
    memoryFree: Math.min(parseAvailable(readIfThere('/proc/meminfo') ?? ''), room.memory),
  }
}

/** Parses /proc/PID/limits (proc_pid_limits(5)): the hard limit of open files, the soft limit of processes. */
export function parseLimits(text: string): { openFiles: number; processes: number } {
  const fields = (name: string) => new RegExp(`^Max ${name} +(\\S+) +(\\S+)`, 'm').exec(text)
  return {
    openFiles: numberOf(fields('open files')?.[2] ?? '') ?? Infinity,
    processes: numberOf(fields('processes')?.[1] ?? '') ?? Infinity,
  }
}

/** MemAvailable of proc_meminfo(5), in bytes. */
export const parseAvailable = (text: string): number => {
  const kibibytes = numberOf(/^MemAvailable: +([0-9]+) kB$/m.exec(text)?.[1] ?? '')
  return kibibytes === null ? Infinity : kibibytes * 1024
}

/** Threads of all processes of a user, which RLIMIT_NPROC counts. */
function tasksOf(uid: number): number {
  let tasks = 0
  for (const pid of listPids()) tasks += threadsOf(pid, uid)
  return tasks
}

/** Number of threads of a process; 0 when it belongs to another user or has ended meanwhile. */
function threadsOf(pid: number, uid: number): number {
  const path = `/proc/${pid}/task`
  const stats = attemptIf([...ABSENT, ...FORBIDDEN], 'examine', path, () => statSync(path))
  // A directory has a link for its name, one for its own `.`, and one for each directory in it.
  return stats?.uid === uid ? stats.nlink - 2 : 0
}
