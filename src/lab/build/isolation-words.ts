// A node's choice of namespaces and clocks in the words of the shim's spec (native-shim/README.md).

import type { Isolation } from '../../model/isolation.js'
import { NAMESPACE_KINDS, type NamespaceKind } from '../../namespace-kinds.js'

const SHM = '/dev/shm'
/** The choice that the shim makes where the spec says nothing. */
const defaultOf = (kind: NamespaceKind) => (kind === 'time' ? 'host' : 'own')

/** @param shm directory that is /dev/shm of the nodes that share an IPC namespace */
export function isolationWords({ namespaces, time }: Isolation, shm: string): string[] {
  const chosen = NAMESPACE_KINDS.filter((kind) => namespaces[kind] !== defaultOf(kind))
  return [
    ...chosen.flatMap((kind) => ['namespace', kind, namespaces[kind]]),
    ...time.flatMap(({ clock, seconds, nanoseconds }) => ['time', `${clock} ${seconds} ${nanoseconds}`]),
    ...(namespaces.ipc === 'own' ? [] : ['shm', namespaces.ipc === 'host' ? SHM : shm]),
  ]
}
