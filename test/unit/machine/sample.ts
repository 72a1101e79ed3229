// Complete facts about several kinds of real machines.

import { KINDS, type KindTable } from '../../../src/features.js'
import { type Answer, type Facts, FILE_SYSTEMS, type FileSystem } from '../../../src/machine/facts.js'
import { NAMESPACE_KINDS, type NamespaceKind } from '../../../src/namespace-kinds.js'

export const EPERM = 1
export const EACCES = 13
export const EINVAL = 22
export const ENOSPC = 28
export const ENOENT = 2
export const EOPNOTSUPP = 95

const DONE: Answer = { errno: 0, extack: undefined, isUnknown: false }
export const UNKNOWN_LINK: Answer = { errno: EOPNOTSUPP, extack: 'Unknown device type', isUnknown: true }
export const UNKNOWN_QDISC: Answer = { errno: ENOENT, extack: 'Specified qdisc kind is unknown', isUnknown: true }

export const forNamespaces = <Value>(value: (kind: NamespaceKind) => Value): Record<NamespaceKind, Value> =>
  Object.fromEntries(NAMESPACE_KINDS.map((kind) => [kind, value(kind)])) as Record<NamespaceKind, Value>

export const forMounts = (errno: number): Record<FileSystem, number> =>
  Object.fromEntries(FILE_SYSTEMS.map((type) => [type, errno])) as Record<FileSystem, number>

const all = (table: KindTable): Map<string, Answer> => new Map([...KINDS[table].keys()].map((kind) => [kind, DONE]))

const RANGE = [{ start: 100_000, count: 65_536 }]

/** A server on which nothing is missing, examined by root. */
export const server: Facts = {
  uid: 0,
  lackedCapabilities: [],
  release: '6.12.9-amd64',
  namespaces: forNamespaces(() => ({ inKernel: true, errno: 0 })),
  mounts: forMounts(0),
  refusal: null,
  links: all('link'),
  qdiscs: all('qdisc'),
  filters: all('filter'),
  nftables: DONE,
  ipv6: true,
  cgroups: 'version 2',
  tun: { errno: 0, openToAll: true },
  masked: [],
  procSysReadOnly: false,
  sysctls: {
    unprivilegedUsernsClone: null,
    apparmorRestrictUnprivilegedUserns: null,
    maxNamespaces: forNamespaces(() => 126_000),
    neighbours: { ipv4: 65_536, ipv6: 65_536 },
    inotifyInstances: 8192,
  },
  subordinateIds: {
    uids: RANGE,
    gids: RANGE,
    unused: [],
    reserve: null,
    hasHelpers: true,
    foreignGroup: null,
    free: 165_536,
  },
  limits: {
    openFiles: 1_048_576,
    processes: Number.POSITIVE_INFINITY,
    ownTasks: 40,
    pids: 4_194_304,
    tasks: 900,
    cgroupTasksFree: Number.POSITIVE_INFINITY,
    memoryFree: 16 * 1024 ** 3,
  },
}

/** The same server, examined by an ordinary user. */
export const user: Facts = { ...server, uid: 1000, limits: { ...server.limits, processes: 63_000 } }

/** The facts that follow when the kernel refuses namespaces. */
const forbidden = (
  errno: number,
  operation: string,
): Pick<Facts, 'namespaces' | 'mounts' | 'refusal' | 'links'> & Pick<Facts, 'qdiscs' | 'filters' | 'nftables'> => ({
  namespaces: forNamespaces(() => ({ inKernel: true, errno })),
  mounts: forMounts(errno),
  refusal: { operation, errno },
  links: new Map(),
  qdiscs: new Map(),
  filters: new Map(),
  nftables: null,
})

/** Ubuntu 24.04: a user namespace can be made, but its creator gets no capabilities in it. */
export const ubuntu2404: Facts = {
  ...user,
  ...forbidden(EPERM, 'become root of a scratch user namespace'),
  release: '6.8.0-51-generic',
  sysctls: { ...server.sysctls, apparmorRestrictUnprivilegedUserns: 1, unprivilegedUsernsClone: 1 },
}

/** Debian 10. */
export const debian10: Facts = {
  ...user,
  ...forbidden(EPERM, 'make a scratch network namespace'),
  release: '4.19.0-27-amd64',
  namespaces: {
    ...forNamespaces(() => ({ inKernel: true, errno: EPERM })),
    time: { inKernel: false, errno: EINVAL },
  },
  sysctls: { ...server.sysctls, unprivilegedUsernsClone: 0 },
}

/** `docker run`, as root of the container: seccomp forbids all namespaces. */
export const docker: Facts = {
  ...server,
  ...forbidden(EPERM, 'make a scratch network namespace'),
  masked: ['/proc/acpi', '/proc/kcore', '/proc/keys', '/proc/timer_list', '/sys/firmware'],
  procSysReadOnly: true,
}

/** `docker run --security-opt seccomp=unconfined --cap-add SYS_ADMIN`: labs, but with a masked /proc. */
export const dockerUnconfined: Facts = {
  ...docker,
  namespaces: server.namespaces,
  mounts: { proc: EPERM, sysfs: EPERM, mqueue: 0 },
  refusal: null,
  links: server.links,
  qdiscs: server.qdiscs,
  filters: server.filters,
  nftables: server.nftables,
  limits: { ...server.limits, cgroupTasksFree: 500 },
}

/** The kernel of a small virtual machine, without modules, examined by root. */
export const microvm: Facts = {
  ...server,
  links: new Map([
    ...server.links,
    ...['vlan', 'vrf', 'wireguard', 'dummy'].map((kind) => [kind, UNKNOWN_LINK] as const),
  ]),
  qdiscs: new Map([...server.qdiscs, ['netem', UNKNOWN_QDISC]]),
}
