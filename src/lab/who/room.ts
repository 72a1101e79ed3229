// How much of each limit of the machine and of this user is left for a lab.
import { keysFree } from '../../kernel/proc/keys.js'
import { machineLimits } from '../../kernel/proc/limits.js'
import type { Room } from '../../machine/needs.js'
import { callerOf, hasEveryId } from './caller.js'
import { namespaceLimits } from './namespace-limits.js'

/** The 300 PIDs that the kernel gives to no ordinary process (RESERVED_PIDS, kernel/pid.c). */
const RESERVED_PIDS = 300

export function roomOfMachine(): Room {
  const uid = process.geteuid?.() ?? 0
  // RLIMIT_NPROC does not hold for root (setrlimit(2)), but for root of a user namespace, who is an ordinary user.
  const isLimited = callerOf().rootless || !hasEveryId()
  const limits = machineLimits(isLimited ? uid : null)
  return {
    openFiles: limits.openFiles,
    processes: isLimited ? limits.processes - limits.ownTasks : Number.POSITIVE_INFINITY,
    pids: limits.pids - limits.tasks - RESERVED_PIDS,
    cgroupTasksFree: limits.cgroupTasksFree,
    memoryFree: limits.memoryFree,
    namespaces: namespaceLimits(),
    keys: keysFree(uid),
  }
}
