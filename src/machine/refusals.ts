// Explains why the machine does not let its user make namespaces or work in them, and what helps. The errno alone does not tell
// the cause; together with the machine's settings it does.

import { errnoNameOf } from '../errors.js'
import { kernelRemedy } from '../features.js'
import type { NamespaceKind } from '../namespace-kinds.js'
import type { Facts } from './facts.js'

type Settings = Pick<Facts, 'uid' | 'sysctls'>

/** `EPERM: not allowed by kernel.unprivileged_userns_clone=0` */
export function refusalDetail(errno: number, kind: NamespaceKind, settings: Settings): string {
  const cause = causeOf(errno, kind, settings)
  return cause === null ? errnoNameOf(errno) : `${errnoNameOf(errno)}, by ${cause.setting}`
}

export function refusalRemedy(errno: number, kind: NamespaceKind, settings: Settings): string {
  const cause = causeOf(errno, kind, settings)
  if (cause !== null) return cause.remedy
  const isForbidden = ['EPERM', 'EACCES', 'ENOSYS'].includes(errnoNameOf(errno))
  return isForbidden ? 'outside a container, or in one with `docker run --privileged`' : namespaceRemedy(kind)
}

export const namespaceRemedy = (kind: NamespaceKind): string =>
  kernelRemedy(kind === 'mnt' ? 'CONFIG_NAMESPACES' : kind === 'cgroup' ? 'CONFIG_CGROUPS' : configOf(kind), null)

export const configOf = (kind: NamespaceKind): string => `CONFIG_${kind.toUpperCase()}_NS`

/** The setting that caused an errno, and how to change it; null when the cause is not known. */
function causeOf(
  errno: number,
  kind: NamespaceKind,
  { uid, sysctls }: Settings,
): { setting: string; remedy: string } | null {
  const name = errnoNameOf(errno)
  if (name === 'ENOSPC') {
    const key = `user.max_${kind}_namespaces`
    return { setting: `${key}=${sysctls.maxNamespaces[kind] ?? '?'}`, remedy: `\`sysctl -w ${key}=100000\`` }
  }
  const isForbidden = name === 'EPERM' || name === 'EACCES'
  if (uid === 0 || !isForbidden) return null
  if (sysctls.unprivilegedUsernsClone === 0) {
    const key = 'kernel.unprivileged_userns_clone'
    return { setting: `${key}=0`, remedy: `\`sysctl -w ${key}=1\`, or be root` }
  }
  if (sysctls.apparmorRestrictUnprivilegedUserns === 1) {
    const key = 'kernel.apparmor_restrict_unprivileged_userns'
    const remedy = `\`sysctl -w ${key}=0\`, an AppArmor profile with \`userns\` for nslab-shim, or be root`
    return { setting: `${key}=1`, remedy }
  }
  return null
}
