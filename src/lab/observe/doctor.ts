// Finds out what this machine and this user can do: reads settings and limits, and tries everything in scratch namespaces, which
// are gone when it returns. It judges nothing (src/machine does) and changes nothing.

import { constants, release } from 'node:os'
import type { KernelError } from '../../errors.js'
import { askNftables } from '../../kernel/netlink/nftables.js'
import { type Kind, lackedKind } from '../../kernel/netlink/rtnl/kind.js'
import { kindProbes, probeGround } from '../../kernel/netlink/rtnl/probe.js'
import { lackedCapabilities } from '../../kernel/proc/capabilities.js'
import { cgroupVersions } from '../../kernel/proc/cgroup.js'
import { machineLimits } from '../../kernel/proc/limits.js'
import { isProcSysReadOnly, maskedPaths, readMounts } from '../../kernel/proc/mount-table.js'
import { requireProc } from '../../kernel/proc/require-proc.js'
import {
  type Answer as KernelAnswer,
  NETLINK_NETFILTER,
  NETLINK_ROUTE,
  type TrialResult,
  tryInScratch,
} from '../../kernel/scratch.js'
import { isThere, readSysctl } from '../../kernel/small-file.js'
import { foreignGroup, hasMapHelpers } from '../../kernel/subordinate-ids.js'
import { tryTun } from '../../kernel/tun.js'
import { type Diagnosis, diagnose } from '../../machine/diagnosis.js'
import { type Answer, type Facts, FILE_SYSTEMS, type FileSystem, type IdSpan } from '../../machine/facts.js'
import { NAMESPACE_KINDS, type NamespaceKind } from '../../namespace-kinds.js'
import { callerOf } from '../who/caller.js'
import { firstToGrant, grantedIds } from '../who/granted-ids.js'
import { defaultIds } from '../who/id-map.js'
import { outerIdMaps } from '../who/outer-id-maps.js'
import { ownIds } from '../who/own-ids.js'

/** Examines the machine for the caller's user. @throws LabError FEATURE_MISSING when the native helper is not built. */
export const examineMachine = async (): Promise<Diagnosis> => diagnose(await collectFacts())

/** Collects the facts about the machine and the caller's user. @throws as `examineMachine` */
export async function collectFacts(): Promise<Facts> {
  requireProc()
  const uid = process.geteuid?.() ?? 0
  const probes = kindProbes()
  const trial = await tryInScratch({
    namespaces: NAMESPACE_KINDS.filter(isInKernel),
    mounts: FILE_SYSTEMS,
    messages: [
      { protocol: NETLINK_ROUTE, request: probeGround() },
      ...probes.map(({ request }) => ({ protocol: NETLINK_ROUTE, request })),
      { protocol: NETLINK_NETFILTER, request: askNftables() },
    ],
  })
  const [, ...answers] = trial.answers
  const kinds = probes.map(({ kind, request }, index) => ({ kind, answer: kindAnswer(answers[index], request) }))
  const mounts = readMounts()
  return {
    uid,
    lackedCapabilities: uid === 0 ? lackedCapabilities() : [],
    release: release(),
    ...namespacesAndMounts(trial),
    refusal: trial.refusal && refusalOf(trial.refusal),
    links: answersOf(kinds, 'link'),
    qdiscs: answersOf(kinds, 'qdisc'),
    filters: answersOf(kinds, 'filter'),
    nftables: nftablesAnswer(answers[probes.length]),
    ipv6: isThere('/proc/net/if_inet6'),
    cgroups: cgroupVersions(),
    tun: tryTun(),
    masked: maskedPaths(mounts),
    procSysReadOnly: isProcSysReadOnly(mounts),
    sysctls: readSysctls(),
    subordinateIds: {
      uids: idsOfNodes('uid'),
      gids: idsOfNodes('gid'),
      unused: (['uid', 'gid'] as const).flatMap((kind) =>
        grantedIds(kind).unused.map((text) => `/etc/sub${kind}: ${text}`),
      ),
      reserve: grantedIds('uid').reserve,
      hasHelpers: hasMapHelpers(),
      foreignGroup: foreignGroup(),
      free: firstToGrant(),
    },
    limits: machineLimits(uid),
  }
}

const refusalOf = ({ operation, target, errno }: KernelError): Facts['refusal'] => ({
  operation: `${operation} ${target}`,
  errno,
})

/** Ids of the machine that nodes use; in labs of an ordinary user, without the user's own id, which is root in the node. */
function idsOfNodes(kind: 'uid' | 'gid'): IdSpan[] {
  const isRoot = process.geteuid?.() === 0
  const ranges = isRoot ? defaultIds(kind, ownIds(kind), callerOf()) : outerIdMaps()[kind].slice(1)
  return ranges.map(({ outside, count }) => ({ start: outside, count }))
}

const isInKernel = (kind: NamespaceKind): boolean => isThere(`/proc/self/ns/${kind}`)

function namespacesAndMounts({ namespaces, mounts }: TrialResult): Pick<Facts, 'namespaces' | 'mounts'> {
  const tried = (errno: number | undefined): number => errno ?? constants.errno.EINVAL
  const each = NAMESPACE_KINDS.map((kind) => [kind, { inKernel: isInKernel(kind), errno: tried(namespaces[kind]) }])
  return {
    namespaces: Object.fromEntries(each) as Facts['namespaces'],
    mounts: Object.fromEntries(FILE_SYSTEMS.map((type) => [type, tried(mounts[type])])) as Record<FileSystem, number>,
  }
}

function kindAnswer(answer: KernelAnswer | undefined, request: Parameters<typeof lackedKind>[0]): Answer | null {
  return answer === undefined ? null : { ...answer, isUnknown: lackedKind(request, answer) !== null }
}

const answersOf = (kinds: readonly { kind: Kind; answer: Answer | null }[], table: Kind['table']) =>
  new Map(
    kinds.flatMap(({ kind, answer }) =>
      kind.table === table && answer ? [[kind.name, answer] as [string, Answer]] : [],
    ),
  )

/** A kernel without nftables has no such subsystem (EINVAL), or not even nfnetlink (EPROTONOSUPPORT). */
function nftablesAnswer(answer: KernelAnswer | undefined): Answer | null {
  if (answer === undefined) return null
  const { EINVAL, EPROTONOSUPPORT } = constants.errno
  return { ...answer, isUnknown: answer.errno === EINVAL || answer.errno === EPROTONOSUPPORT }
}

const readSysctls = (): Facts['sysctls'] => ({
  unprivilegedUsernsClone: readSysctl('kernel.unprivileged_userns_clone'),
  apparmorRestrictUnprivilegedUserns: readSysctl('kernel.apparmor_restrict_unprivileged_userns'),
  maxNamespaces: Object.fromEntries(
    NAMESPACE_KINDS.map((kind) => [kind, readSysctl(`user.max_${kind}_namespaces`)]),
  ) as Facts['sysctls']['maxNamespaces'],
  neighbours: {
    ipv4: readSysctl('net.ipv4.neigh.default.gc_thresh3'),
    ipv6: readSysctl('net.ipv6.neigh.default.gc_thresh3'),
  },
  inotifyInstances: readSysctl('fs.inotify.max_user_instances'),
})
