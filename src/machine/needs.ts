// What a lab needs of the limits of a machine and its user, and what these lack. Pure.
import type { ResolvedTopology } from '../model/resolved.js'
import { NAMESPACE_KINDS, type NamespaceKind } from '../namespace-kinds.js'
import type { Limits } from './facts.js'

/** `up` has a netlink socket in each node, and the keeper holds its network namespace. */
export const DESCRIPTORS_PER_NODE = 1
/** Descriptors of network namespaces that requests of `up` name at the same time (NETNS_FDS_MAX in node-sockets.ts). */
const NAMED_NAMESPACES = 128
/** Descriptors that Node.js itself has open; measured with Node.js 20. */
const OWN_DESCRIPTORS = 24
/** The shim that makes the nodes, its child, and the keeper. */
const OWN_PROCESSES = 3
/** Session keyrings (session-keyring(7)): that of the keeper, that of all nodes, and one for a command. */
const OWN_KEYS = 3
/** Kernel memory of a node's namespaces, mounts and first process, plus that process's private memory; measured on Linux 6.18. */
export const NODE_BYTES = 430 * 1024 + 24 * 1024

export interface Needs {
  /** Of the process that builds the lab. */
  openFiles: number
  processes: number
  namespaces: Record<NamespaceKind, number>
  keys: number
  /** Bytes. */
  memory: number
}

/** The needs of any lab with this many nodes, however these are isolated. */
export const leastNeeds = (nodes: number): Needs => ({
  openFiles: DESCRIPTORS_PER_NODE * nodes + Math.min(nodes, NAMED_NAMESPACES) + OWN_DESCRIPTORS,
  processes: nodes + OWN_PROCESSES,
  namespaces: Object.fromEntries(NAMESPACE_KINDS.map((kind) => [kind, 0])) as Needs['namespaces'],
  keys: OWN_KEYS,
  memory: NODE_BYTES * nodes,
})

export function needsOf({ nodes }: Pick<ResolvedTopology, 'nodes'>): Needs {
  const choiceOf = (node: (typeof nodes)[number], kind: NamespaceKind) =>
    node.isolation?.namespaces[kind] ?? (kind === 'time' ? 'host' : 'own')
  const count = (kind: NamespaceKind): number => {
    const own = nodes.filter((node) => choiceOf(node, kind) === 'own').length
    const isShared = nodes.some((node) => choiceOf(node, kind) === 'shared')
    return own + (isShared ? 1 : 0)
  }
  return {
    ...leastNeeds(nodes.length),
    namespaces: Object.fromEntries(NAMESPACE_KINDS.map((kind) => [kind, count(kind)])) as Needs['namespaces'],
  }
}

/** How much of each the machine and the user have left; Infinity means unlimited, or unknown. */
export interface Room extends Omit<Limits, 'ownTasks' | 'tasks'> {
  /** user.max_KIND_namespaces; null if the kernel has none. */
  namespaces: Record<NamespaceKind, number | null>
  /** Keys that the user may still make (kernel.keys.maxkeys, or root_maxkeys for root). */
  keys: number
}

/** Something that a lab needs more of than there is. */
export interface Shortfall {
  /** `2064 open files, and a process may have 1024` */
  text: string
  /** How to raise the limit. */
  remedy: string
  /** Whether the lab cannot be made. Otherwise something in it will not work. */
  isFatal: boolean
}

export function shortfallsOf(needs: Needs, room: Room, isRoot: boolean): Shortfall[] {
  const { openFiles, processes, keys, memory } = needs
  const lacking = (needed: number, most: number, shortfall: Shortfall): Shortfall[] =>
    needed > most ? [shortfall] : []
  const enough = (needed: number) => 2 ** Math.ceil(Math.log2(2 * needed))
  const fatal = (text: string, remedy: string): Shortfall => ({ text, remedy, isFatal: true })
  return [
    ...lacking(
      openFiles,
      room.openFiles,
      fatal(
        `${openFiles} open files, and a process may have ${room.openFiles} (RLIMIT_NOFILE)`,
        `\`ulimit -Hn ${enough(openFiles)}\` as root before it, or a line \`* hard nofile ${enough(openFiles)}\` in ` +
          '/etc/security/limits.conf and a new login',
      ),
    ),
    ...lacking(
      processes,
      room.processes,
      fatal(
        `${processes} processes, and this user may have ${room.processes} more (RLIMIT_NPROC)`,
        '`ulimit -u unlimited`, or a line `* hard nproc unlimited` in /etc/security/limits.conf and a new login',
      ),
    ),
    ...lacking(
      processes,
      room.pids,
      fatal(
        `${processes} processes, and the machine has room for ${room.pids} more (kernel.pid_max, kernel.threads-max)`,
        '`sysctl -w kernel.pid_max=4194304 kernel.threads-max=4194304`',
      ),
    ),
    ...lacking(
      processes,
      room.cgroupTasksFree,
      fatal(
        `${processes} processes, and this cgroup allows ${room.cgroupTasksFree} more (pids.max)`,
        'raise pids.max: TasksMax= in systemd, `docker run --pids-limit -1` in a container',
      ),
    ),
    ...NAMESPACE_KINDS.flatMap((kind) => {
      const [needed, most] = [needs.namespaces[kind], room.namespaces[kind] ?? Number.POSITIVE_INFINITY]
      const key = `user.max_${kind}_namespaces`
      const text = `${needed} ${kind} namespaces, and a user may have ${most} (${key})`
      return lacking(needed, most, fatal(text, `\`sysctl -w ${key}=${enough(needed)}\``))
    }),
    ...lacking(keys, room.keys, {
      text: `${keys} keyrings, and this user may have ${room.keys} more, so that programs in nodes cannot use keys`,
      remedy: `\`sysctl -w kernel.keys.${isRoot ? 'root_maxkeys' : 'maxkeys'}=${isRoot ? 2_000_000 : 20_000}\``,
      isFatal: false,
    }),
    ...lacking(memory, room.memoryFree, {
      text: `about ${mebibytes(memory)} MiB of memory, and ${mebibytes(room.memoryFree)} MiB are available`,
      remedy: 'end other programs, or raise memory.max of this cgroup',
      isFatal: false,
    }),
  ]
}

const mebibytes = (bytes: number): number => Math.ceil(bytes / (1024 * 1024))
