// Checks the namespaces of another user's process before root enters them: in a namespace of the machine, root would act on the
// machine, and that user's processes could reach what root brings along, such as its working directory.
import { listNamespaces, ownerOf, sameNamespace, withNamespace } from '../../kernel/namespaces.js'
import { NAMESPACE_KINDS, type NamespaceKind } from '../../namespace-kinds.js'

/** Kinds of which a node may have the machine's own namespace, which root is in already and does not enter. */
const MAY_BE_OWN: readonly NamespaceKind[] = ['uts', 'ipc', 'cgroup', 'time']

/**
 * The kind of the first namespace of a process that the user has not made; null when there is none. Of UTS, IPC, cgroup and
 * time namespaces, the process may have the caller's.
 *
 * @throws KernelError when a namespace cannot be examined
 */
export function foreignNamespace(pid: number, uid: number): NamespaceKind | null {
  const own = listNamespaces(process.pid)
  const theirs = listNamespaces(pid)
  const isForeign = (kind: NamespaceKind): boolean => {
    if (theirs[kind] === null) return false // a kernel without this kind
    if (sameNamespace(own[kind], theirs[kind])) return !MAY_BE_OWN.includes(kind)
    return withNamespace(`/proc/${pid}/ns/${kind}`, (fd) => ownerOf(fd, kind)) !== uid
  }
  return NAMESPACE_KINDS.find(isForeign) ?? null
}
