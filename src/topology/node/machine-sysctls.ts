// Refuses sysctls that would change the host, where the kernel would allow them.

import type { NamespaceKind } from '../../namespace-kinds.js'
import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import { type Isolations, isRootOutside } from './isolation.js'

/** The kind of namespace that a sysctl belongs to (ipc_namespaces(7), uts_namespaces(7)); null if it is the machine's. */
function namespaceOfSysctl(key: string): NamespaceKind | null {
  const dotted = key.replaceAll('/', '.')
  if (dotted.startsWith('net.')) return 'net'
  if (/^fs\.mqueue\.|^kernel\.(?:msg|sem|shm|auto_msgmni)/.test(dotted)) return 'ipc'
  return /^kernel\.(?:hostname|domainname)$/.test(dotted) ? 'uts' : null
}

/** Sysctls that are written by keys of their own. */
const NAMES: Record<string, string> = { 'kernel.hostname': 'hostname', 'kernel.domainname': 'domainname' }

/** Refuses sysctls of the host that a node could change, and those of names, which have keys of their own. */
export function refuseMachineSysctls(topology: Topology, isolations: Isolations, faults: Faults): void {
  for (const [name, { sysctls = {} }] of topology.nodes) {
    const isolation = isolations.get(name)
    for (const key of Object.keys(sysctls)) {
      const kind = namespaceOfSysctl(key)
      const path = ['nodes', name, 'sysctls', key]
      if (kind !== null && isolation?.namespaces[kind] === 'host') {
        faults.add(path, `${key} is the host’s in a node with ${kind}: host, and is not changed`, 'key')
      } else if (kind === null && isolation && isRootOutside(isolation)) {
        faults.add(path, `${key} is the whole machine’s, and is not changed`, 'key')
      } else if (kind === 'uts') {
        faults.add(path, `${key} is what the node's key \`${NAMES[key.replaceAll('/', '.')]}\` says`, 'key')
      }
    }
  }
}
