// Checks the limits that a large lab, or the programs in it, can reach.
import { NAMESPACE_KINDS } from '../namespace-kinds.js'
import { type Check, limited, ok } from './check.js'
import type { Facts } from './facts.js'

const MEBIBYTE = 1024 * 1024

/** Below these values, a lab of a thousand nodes does not fit, or programs in nodes are known to fail. */
const ENOUGH = {
  memory: 512 * MEBIBYTE,
  openFiles: 4096,
  processes: 4096,
  pids: 32_768,
  namespaces: 4096,
  neighbours: 16_384,
  inotify: 1024,
}

export const limitChecks = (facts: Facts): Check[] => [
  openFilesCheck(facts),
  processesCheck(facts),
  pidsCheck(facts),
  namespacesCheck(facts),
  memoryCheck(facts),
  ...(['ipv4', 'ipv6'] as const).map((family) => neighboursCheck(family, facts)),
  inotifyCheck(facts),
]

function openFilesCheck({ limits: { openFiles } }: Facts): Check {
  const detail = `${amount(openFiles)} a process (RLIMIT_NOFILE)`
  if (openFiles >= ENOUGH.openFiles) return ok('limit.files', detail)
  return limited('limit.files', {
    detail,
    cost: 'only small labs: building one takes a descriptor for each node',
    remedy: 'a line `* hard nofile 524288` in /etc/security/limits.conf, and a new login',
  })
}

function processesCheck({ uid, limits: { processes, ownTasks } }: Facts): Check {
  const detail = `${amount(processes)} for this user, ${ownTasks} in use (RLIMIT_NPROC)`
  if (uid === 0) return ok('limit.processes', 'does not apply to root')
  if (processes - ownTasks >= ENOUGH.processes) return ok('limit.processes', detail)
  return limited('limit.processes', {
    detail,
    cost: 'only small labs: every process in a node counts',
    remedy: 'a line `* hard nproc unlimited` in /etc/security/limits.conf, and `ulimit -u unlimited`',
  })
}

function pidsCheck({ limits: { pids, tasks, cgroupTasksFree } }: Facts): Check {
  const found = `${amount(pids)} for the machine, ${tasks} in use`
  if (cgroupTasksFree < ENOUGH.pids && cgroupTasksFree < pids - tasks) {
    return limited('limit.pids', {
      detail: `${amount(cgroupTasksFree)} left in this cgroup (pids.max)`,
      cost: 'no more processes than that in all nodes together',
      remedy: 'raise pids.max: TasksMax= in systemd, `docker run --pids-limit -1` in a container',
    })
  }
  if (pids >= ENOUGH.pids) return ok('limit.pids', found)
  return limited('limit.pids', {
    detail: found,
    cost: 'no more processes than that in all nodes together',
    remedy: '`sysctl -w kernel.pid_max=4194304 kernel.threads-max=4194304`',
  })
}

function namespacesCheck({ sysctls: { maxNamespaces } }: Facts): Check {
  const { kind, max } = lowestNamespaceLimit(maxNamespaces)
  const key = `user.max_${kind}_namespaces`
  if (max >= ENOUGH.namespaces) return ok('limit.namespaces', `${amount(max)} of each kind a user`)
  return limited('limit.namespaces', {
    detail: `${key}=${max}`,
    cost: 'at most that many nodes',
    remedy: `\`sysctl -w ${key}=100000\``,
  })
}

/** The kind of namespace with the lowest limit. Time namespaces are left out: only nodes with `time:` have one. */
export function lowestNamespaceLimit(max: Facts['sysctls']['maxNamespaces']): { kind: string; max: number } {
  const kinds = NAMESPACE_KINDS.filter((kind) => kind !== 'time')
  return kinds
    .map((kind) => ({ kind, max: max[kind] ?? Number.POSITIVE_INFINITY }))
    .reduce((least, each) => (each.max < least.max ? each : least))
}

function memoryCheck({ limits: { memoryFree } }: Facts): Check {
  const detail = `${amount(Math.floor(memoryFree / MEBIBYTE))} MiB available`
  if (memoryFree >= ENOUGH.memory) return ok('limit.memory', detail)
  return limited('limit.memory', {
    detail,
    cost: 'only small labs, and little room for the programs in them',
    remedy: 'end other programs, or raise memory.max of this cgroup',
  })
}

function neighboursCheck(family: 'ipv4' | 'ipv6', { sysctls: { neighbours } }: Facts): Check {
  const name = `limit.neighbours.${family}`
  const key = `net.${family}.neigh.default.gc_thresh3`
  const max = neighbours[family]
  if (max === null) {
    return limited(name, {
      detail: `${key} cannot be read here`,
      cost: 'no warning when a LAN is too large for the neighbour table',
      remedy: "read it in the machine's initial network namespace",
    })
  }
  if (max >= ENOUGH.neighbours) return ok(name, `${amount(max)} entries for the machine`)
  return limited(name, {
    detail: `${amount(max)} entries for the machine (gc_thresh3)`,
    cost: `labs that need more, such as a LAN of more than ${largestMesh(max)} nodes, get permanent entries, or lose packets`,
    remedy: `\`sysctl -w ${key}=${ENOUGH.neighbours}\`, or \`neighbours: static\` in a topology with a larger LAN`,
  })
}

/** Number of nodes on the largest LAN on which each can have an entry for every other: n (n − 1) entries. */
export const largestMesh = (entries: number): number => Math.floor((1 + Math.sqrt(1 + 4 * Math.max(0, entries))) / 2)

function inotifyCheck({ sysctls: { inotifyInstances } }: Facts): Check {
  if (inotifyInstances === null || inotifyInstances >= ENOUGH.inotify) {
    return ok('limit.inotify', inotifyInstances === null ? 'none' : `${amount(inotifyInstances)} instances a user`)
  }
  return limited('limit.inotify', {
    detail: `${inotifyInstances} instances a user`,
    cost: `at most ${inotifyInstances} programs that watch files, in all nodes together`,
    remedy: '`sysctl -w fs.inotify.max_user_instances=8192`',
  })
}

const amount = (value: number): string => (Number.isFinite(value) ? value.toLocaleString('en') : 'any number')
