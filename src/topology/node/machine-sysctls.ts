// Sysctls that are not a node's own. Where the kernel would not refuse them, we do: nothing of the host's is changed.

import type { NamespaceKind } from '../../namespace-kinds.js'
import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import { type Isolations, isRootOutside } from './isolation.js'

/** Which kind of namespace a key belongs to; null: to the machine. See ipc_namespaces(7), uts_namespaces(7). */
function kindOf(key: string): NamespaceKind | null {
  const dotted = key.replaceAll('/', '.')
  if (dotted.startsWith('net.')) return 'net'
  if (/^fs\.mqueue\.|^kernel\.(?:msg|sem|shm|auto_msgmni)/.test(dotted)) return 'ipc'
  return /^kernel\.(?:hostname|domainname)$/.test(dotted) ? 'uts' : null
}

/** The node's own, which have a key of their own. */
const NAMES: Record<string, string> = { 'kernel.hostname': 'hostname', 'kernel.domainname': 'domainname' }

/** Refuses sysctls of the host's that a node could change, and names, which are written otherwise. */
export function refuseMachineSysctls(topology: Topology, isolations: Isolations, faults: Faults): void {
  for (const [name, { sysctls = {} }] of topology.nodes) {
    const isolation = isolations.get(name)
    for (const key of Object.keys(sysctls)) {
      const kind = kindOf(key)
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
