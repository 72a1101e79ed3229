// Limits of the machine and of this process, and how much of them is used.
import { readdirSync, statSync } from 'node:fs'
import { numberOf, readIfThere, readSysctl } from '../small-file.js'
import { cgroupRoom } from './cgroup.js'

/** Unlimited, or not to be found out, is Infinity. */
export interface MachineLimits {
  openFiles: number
  processes: number
  ownTasks: number
  pids: number
  tasks: number
  cgroupTasksFree: number
  memoryFree: number
}

export function machineLimits(uid: number): MachineLimits {
  const { openFiles, processes } = parseLimits(readIfThere('/proc/self/limits') ?? '')
  const room = cgroupRoom()
  return {
    openFiles,
    processes,
    ownTasks: tasksOf(uid),
    pids: Math.min(readSysctl('kernel.pid_max') ?? Infinity, readSysctl('kernel.threads-max') ?? Infinity),
    tasks: Number(/ [0-9]+\/([0-9]+) /.exec(readIfThere('/proc/loadavg') ?? '')?.[1] ?? 0),
    cgroupTasksFree: room.tasks,
    memoryFree: Math.min(parseAvailable(readIfThere('/proc/meminfo') ?? ''), room.memory),
  }
}

/** /proc/PID/limits (proc_pid_limits(5)): the hard limit of open files, the soft one of processes. */
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

/** Threads of a user's processes: they count for RLIMIT_NPROC. */
function tasksOf(uid: number): number {
  let tasks = 0
  for (const name of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue
    tasks += threadsOf(name, uid)
  }
  return tasks
}

/** How many threads a process has; 0 when it is another user's, or has ended meanwhile. */
function threadsOf(pid: string, uid: number): number {
  try {
    const stats = statSync(`/proc/${pid}/task`)
    // A directory's links are its name, its own `.`, and one for each directory in it.
    return stats.uid === uid ? stats.nlink - 2 : 0
  } catch {
    return 0
  }
}
