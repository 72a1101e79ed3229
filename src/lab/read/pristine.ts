// The values that sysctls have in a new node before anything writes them.

/**
 * Values of sysctls in a fresh set of network, IPC and UTS namespaces, by key; without those that such namespaces do not have.
 *
 * @param keys as in sysctl(8), of a node, or of the interfaces `all`, `default` and `lo`
 * @throws KernelError when no namespaces can be made
 */
export function pristineSysctls(_keys: readonly string[]): Map<string, string> {
  throw new Error('not written yet')
}
