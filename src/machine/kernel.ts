// Checks the kernel version, the namespaces that a node consists of, cgroups, and the file systems that each node mounts.

import { errnoNameOf } from '../errors.js'
import { kernelRemedy } from '../features.js'
import { NAMESPACE_KINDS, type NamespaceKind } from '../namespace-kinds.js'
import { type Check, limited, missing, ok, required } from './check.js'
import { type Facts, FILE_SYSTEMS, type FileSystem } from './facts.js'
import { configOf, namespaceRemedy, refusalDetail, refusalRemedy } from './refusals.js'

/** Linux 5.9 has close_range(2); clone3(2) came with 5.3, setns(2) on a pidfd with 5.8. */
const OLDEST = [5, 9] as const

const NAMESPACE_COSTS: Record<NamespaceKind, string> = {
  user: 'no node',
  pid: 'no node',
  mnt: 'no node',
  uts: 'no node',
  ipc: 'no node',
  net: 'no node',
  cgroup: 'no node',
  time: 'no node with a time of its own (`time:`)',
}

const MOUNT_COSTS: Record<FileSystem, string> = {
  proc: 'nodes do not see their own processes, and cannot set sysctls: no forwarding, so no routers',
  sysfs: "/sys/class/net in a node shows the machine's interfaces",
  mqueue: 'no POSIX message queues in nodes',
}

const MOUNT_CONFIGS: Record<FileSystem, string> = {
  proc: 'CONFIG_PROC_FS',
  sysfs: 'CONFIG_SYSFS',
  mqueue: 'CONFIG_POSIX_MQUEUE',
}

export const kernelChecks = (facts: Facts): Check[] => [
  required(versionCheck(facts)),
  ...NAMESPACE_KINDS.map((kind) => namespaceCheck(kind, facts)),
  cgroupCheck(facts),
  ...FILE_SYSTEMS.map((type) => mountCheck(type, facts)),
  procSysCheck(facts),
]

function versionCheck({ release }: Facts): Check {
  const [major = 0, minor = 0] = release.split(/[.-]/).map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return ok('kernel', release)
  return missing('kernel', {
    detail: `${release}, older than ${OLDEST.join('.')}`,
    cost: 'no lab',
    remedy: `boot Linux ${OLDEST.join('.')} or newer`,
  })
}

function namespaceCheck(kind: NamespaceKind, facts: Facts): Check {
  const name = `namespace.${kind}`
  const { inKernel, errno } = facts.namespaces[kind]
  const cost = NAMESPACE_COSTS[kind]
  const check = kind === 'time' ? (each: Check) => each : required
  if (!inKernel) {
    return check(missing(name, { detail: `this kernel lacks ${configOf(kind)}`, cost, remedy: namespaceRemedy(kind) }))
  }
  if (errno === 0) return check(ok(name, 'can be made'))
  const { errno: userErrno } = facts.namespaces.user
  // Every other kind was tried below a new user namespace; the same errno means that there was none.
  if (kind !== 'user' && errno === userErrno) {
    return limited(name, { detail: 'not tried: no user namespace', cost, remedy: 'see namespace.user' })
  }
  return check(
    missing(name, {
      detail: `cannot be made: ${refusalDetail(errno, kind, facts)}`,
      cost,
      remedy: refusalRemedy(errno, kind, facts),
    }),
  )
}

function cgroupCheck({ cgroups }: Facts): Check {
  if (cgroups !== 'none') return ok('cgroups', cgroups)
  return missing('cgroups', {
    detail: 'this kernel lacks CONFIG_CGROUPS',
    cost: 'no node',
    remedy: kernelRemedy('CONFIG_CGROUPS', null),
  })
}

function mountCheck(type: FileSystem, facts: Facts): Check {
  const name = `mount.${type}`
  const errno = facts.mounts[type]
  const cost = MOUNT_COSTS[type]
  if (errno === 0) return ok(name, 'every node has its own')
  if (facts.namespaces.user.errno !== 0) {
    return limited(name, { detail: 'not tried: no user namespace', cost, remedy: 'see namespace.user' })
  }
  if (errnoNameOf(errno) === 'ENODEV') {
    const config = MOUNT_CONFIGS[type]
    return missing(name, { detail: `this kernel lacks ${config}`, cost, remedy: kernelRemedy(config, null) })
  }
  const root = type === 'proc' ? '/proc' : '/sys'
  const masked = facts.masked.filter((path) => path.startsWith(`${root}/`))
  if (masked.length > 0 && type !== 'mqueue') {
    const shown = masked.length > 3 ? [...masked.slice(0, 3), '…'] : masked
    return missing(name, {
      detail: `${errnoNameOf(errno)}: the container engine hides ${shown.join(', ')}`,
      cost,
      remedy: '`docker run --security-opt systempaths=unconfined`, or --privileged',
    })
  }
  return missing(name, {
    detail: `cannot be mounted: ${refusalDetail(errno, 'user', facts)}`,
    cost,
    remedy: refusalRemedy(errno, 'user', facts),
  })
}

/** A node that has its own /proc can write sysctls there even if the machine's /proc/sys is read-only. */
function procSysCheck({ procSysReadOnly, mounts }: Facts): Check {
  if (!procSysReadOnly) return ok('proc.sys', 'can be written')
  if (mounts.proc === 0) return ok('proc.sys', "read-only here, not in a node's own /proc")
  return limited('proc.sys', {
    detail: '/proc/sys is read-only',
    cost: 'no sysctls in nodes: no forwarding, so no routers',
    remedy: '`docker run --privileged`',
  })
}
