// The values that sysctls have in a new node before anything writes them.
import { SysctlTree, sysctlPath } from '../../kernel/sysctl.js'
import { inFreshNamespaces } from '../../kernel/visit-namespaces.js'
import { GROUP_RANGE, NO_GROUP } from './group-range.js'

/**
 * Values of sysctls in a fresh set of network, IPC and UTS namespaces, by key; without those that such namespaces do not have.
 * Synchronous: the thread makes the namespaces, and comes back.
 *
 * @param keys as in sysctl(8), of a node, or of the interfaces `all`, `default` and `lo`
 * @throws LabError PRIVILEGE_MISSING, KernelError when no namespaces can be made
 */
export function pristineSysctls(keys: readonly string[]): Map<string, string> {
  if (keys.length === 0) return new Map()
  return inFreshNamespaces(() => {
    using tree = SysctlTree.open(null)
    return new Map(
      keys.flatMap((key): [string, string][] => {
        const path = sysctlPath(key)
        const value = path === GROUP_RANGE ? NO_GROUP : tree.read(path)
        return value === null ? [] : [[key, value]]
      }),
    )
  })
}
