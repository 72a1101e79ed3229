// Refuses what a topology of a stranger must not have: a part of the machine in a node. Files are not looked at here; those
// who read them keep to the directory of the topology.
import { NAMESPACE_KINDS } from '../namespace-kinds.js'
import { Faults } from './source/faults.js'
import type { Path } from './source/located.js'
import type { Topology } from './source/topology.js'

const WHY = 'which --untrusted refuses'

/**
 * Checks that no node has a namespace, a device or chosen ids of the machine.
 *
 * @throws LabError TOPOLOGY_INVALID with every fault and its place
 */
export function refusePartsOfMachine(topology: Topology): void {
  const faults = new Faults(topology.locate, topology.file)
  for (const [name, { namespaces = {}, users, interfaces = {} }] of topology.nodes) {
    const path: Path = ['nodes', name]
    if (users) faults.add([...path, 'users'], `ids of the machine are chosen, ${WHY}`, 'key')
    for (const kind of NAMESPACE_KINDS)
      if (namespaces[kind] === 'host')
        faults.add([...path, 'namespaces', kind], `${name} has a namespace of the machine, ${WHY}`)
    for (const [key, each] of Object.entries(interfaces))
      if (each.kind === 'device')
        faults.add([...path, 'interfaces', key], `${name} takes a device of the machine, ${WHY}`, 'key')
  }
  faults.throwIfAny()
}
