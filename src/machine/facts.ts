// What is known of a machine and its user, as it was found: numbers and answers, no judgement. Plain data.
import type { NamespaceKind } from '../namespace-kinds.js'

/** File systems of which every node gets one of its own. */
export const FILE_SYSTEMS = ['proc', 'sysfs', 'mqueue'] as const
export type FileSystem = (typeof FILE_SYSTEMS)[number]

/** What the kernel said to a netlink request. */
export interface Answer {
  /** 0 when it did what was asked. */
  errno: number
  extack: string | undefined
  /** It knows nothing of the name that was asked for. */
  isUnknown: boolean
}

export interface Facts {
  /** Effective user id. */
  uid: number
  /** As uname(2) has it: `6.12.9-amd64`. */
  release: string
  /** `errno` is of making one; 0 when it could be made. */
  namespaces: Record<NamespaceKind, { inKernel: boolean; errno: number }>
  /** errno of mounting one in a node's namespaces. */
  mounts: Record<FileSystem, number>
  /** Why nothing could be tried in a network namespace, as what could not be done; null when it could. */
  refusal: { operation: string; errno: number } | null
  /** By kind; empty when nothing could be tried. */
  links: ReadonlyMap<string, Answer>
  qdiscs: ReadonlyMap<string, Answer>
  nftables: Answer | null
  ipv6: boolean
  cgroups: 'none' | 'version 1' | 'version 2' | 'versions 1 and 2'
  /** `errno` of opening /dev/net/tun; `openToAll` when its mode lets everybody read and write. */
  tun: { errno: number; openToAll: boolean }
  /** Places below /proc and /sys over which something else is mounted, as container engines do. */
  masked: readonly string[]
  procSysReadOnly: boolean
  sysctls: Sysctls
  /**
   * Ids outside that nodes have: all of them in labs of root's, those beside root in other users'. `hasHelpers`:
   * newuidmap(1) and newgidmap(1) are there.
   */
  subordinateIds: { uids: readonly IdSpan[]; gids: readonly IdSpan[]; hasHelpers: boolean }
  limits: Limits
}

/** Ids from `start` on, outside. */
export interface IdSpan {
  start: number
  count: number
}

/** null: there is no such key here. */
export interface Sysctls {
  /** kernel.unprivileged_userns_clone, of Debian's kernels */
  unprivilegedUsernsClone: number | null
  /** kernel.apparmor_restrict_unprivileged_userns, of Ubuntu's kernels */
  apparmorRestrictUnprivilegedUserns: number | null
  /** user.max_KIND_namespaces */
  maxNamespaces: Record<NamespaceKind, number | null>
  /** net.ipv4.neigh.default.gc_thresh3 and the one of net.ipv6 */
  neighbours: { ipv4: number | null; ipv6: number | null }
  /** fs.inotify.max_user_instances */
  inotifyInstances: number | null
}

/** Unlimited is Infinity. */
export interface Limits {
  /** RLIMIT_NOFILE, hard: Node.js and the keeper raise the soft one to it. */
  openFiles: number
  /** RLIMIT_NPROC, soft. */
  processes: number
  /** Tasks of this user. */
  ownTasks: number
  /** The smaller of kernel.pid_max and kernel.threads-max. */
  pids: number
  /** Tasks of the whole machine. */
  tasks: number
  /** Processes that this process's cgroups still have room for. */
  cgroupTasksFree: number
  /** Bytes: what the machine has available, or this process's cgroups still have room for if that is less. */
  memoryFree: number
}
