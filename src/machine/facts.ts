// Facts about a machine and its user, as they were found: numbers and answers of the kernel, no judgement. Plain data.
import type { NamespaceKind } from '../namespace-kinds.js'

/** File systems of which every node mounts its own instance. */
export const FILE_SYSTEMS = ['proc', 'sysfs', 'mqueue'] as const
export type FileSystem = (typeof FILE_SYSTEMS)[number]

/** The kernel's answer to a netlink request. */
export interface Answer {
  /** 0 when the kernel carried out the request. */
  errno: number
  /** The text of the extended acknowledgement, if the kernel sent one. */
  extack: string | undefined
  /** Whether the kernel does not know the kind that the request names. */
  isUnknown: boolean
}

export interface Facts {
  /** Effective user id. */
  uid: number
  /** Of root: the capabilities that a lab needs and this process does not have. Others have them in a user namespace. */
  lackedCapabilities: readonly string[]
  /** Kernel release of uname(2): `6.12.9-amd64`. */
  release: string
  /** `errno` of making a namespace of the kind; 0 when it was made. */
  namespaces: Record<NamespaceKind, { inKernel: boolean; errno: number }>
  /** errno of mounting the file system in a node's namespaces; 0 when it was mounted. */
  mounts: Record<FileSystem, number>
  /** The operation that failed, if no network namespace could be made to try things in; else null. */
  refusal: { operation: string; errno: number } | null
  /** Answers by kind of link; empty when nothing could be tried. */
  links: ReadonlyMap<string, Answer>
  /** Answers by kind of queueing discipline; empty when nothing could be tried. */
  qdiscs: ReadonlyMap<string, Answer>
  /** Answers by kind of classifier; empty when nothing could be tried. */
  filters: ReadonlyMap<string, Answer>
  /** null when nothing could be tried. */
  nftables: Answer | null
  ipv6: boolean
  cgroups: 'none' | 'version 1' | 'version 2' | 'versions 1 and 2'
  /** `errno` of opening /dev/net/tun, 0 when that succeeded; `openToAll` is whether its mode lets every user read and write. */
  tun: { errno: number; openToAll: boolean }
  /** Paths below /proc and /sys that are hidden by another mount, as container engines do. */
  masked: readonly string[]
  procSysReadOnly: boolean
  sysctls: Sysctls
  /**
   * Ids of the machine that nodes use: all ids of a node in labs made by root, all but the node's root in labs of other users.
   * `unused` has a sentence for each line of /etc/subuid and /etc/subgid for this user that is not used. `reserve` says why
   * nobody else gets root's ids when no line grants them. `hasHelpers` is whether newuidmap(1) and newgidmap(1) are installed.
   * `foreignGroup` is the group of this process if it is not the user's own of passwd(5): they refuse such a process.
   * `free` begins a range of 65,536 ids that nobody has, as users or groups.
   */
  subordinateIds: {
    uids: readonly IdSpan[]
    gids: readonly IdSpan[]
    unused: readonly string[]
    reserve: string | null
    hasHelpers: boolean
    foreignGroup: number | null
    free: number
  }
  limits: Limits
}

/** The ids of the machine from `start` to `start` + `count` − 1. */
export interface IdSpan {
  start: number
  count: number
}

/** Values of sysctls; null for a key that this kernel or this namespace does not have. */
export interface Sysctls {
  /** kernel.unprivileged_userns_clone, a patch of Debian's kernels */
  unprivilegedUsernsClone: number | null
  /** kernel.apparmor_restrict_unprivileged_userns, a patch of Ubuntu's kernels */
  apparmorRestrictUnprivilegedUserns: number | null
  /** user.max_KIND_namespaces */
  maxNamespaces: Record<NamespaceKind, number | null>
  /** net.ipv4.neigh.default.gc_thresh3 and net.ipv6.neigh.default.gc_thresh3 */
  neighbours: { ipv4: number | null; ipv6: number | null }
  /** fs.inotify.max_user_instances */
  inotifyInstances: number | null
}

/** Limits and how much of each is used; Infinity means unlimited. */
export interface Limits {
  /** Hard limit RLIMIT_NOFILE: Node.js and the keeper raise the soft limit to it. */
  openFiles: number
  /** Soft limit RLIMIT_NPROC. */
  processes: number
  /** Threads of all processes of this user. */
  ownTasks: number
  /** The smaller of kernel.pid_max and kernel.threads-max. */
  pids: number
  /** Threads on the whole machine. */
  tasks: number
  /** Number of further tasks, threads included, that this process's cgroups allow. */
  cgroupTasksFree: number
  /** Bytes that the machine has available, or that this process's cgroups still allow, whichever is less. */
  memoryFree: number
}
