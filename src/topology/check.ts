// Reads, checks and resolves a topology in one go. Where its shape is wrong, the meaning of the sound parts is checked all the
// same, so that all faults are told at once.
import type { ResolvedTopology } from '../model/resolved.js'
import { type Machine, resolveTopology, resolveWiring } from './resolve.js'
import { Faults } from './source/faults.js'
import { type ParseOptions, readTopology } from './source/parse.js'
import type { Topology } from './source/topology.js'

/** What can be said about the wiring when keys are left out: ends of links, and what nodes share. */
const OF_WIRING = /^(?:links\.[0-9]+\.endpoints\.|nodes\.[^.]+\.(?:namespaces|users|time)(?:\.|$))/

/**
 * Checks and resolves the text of a topology.
 *
 * @param adapt refuses or changes a topology whose shape is right
 * @throws LabError TOPOLOGY_INVALID with every fault and its place; USAGE if a value is set for an unknown variable
 */
export function checkTopology(
  text: string,
  options: ParseOptions,
  machine: Machine,
  adapt: (topology: Topology) => Topology = (topology) => topology,
): ResolvedTopology {
  const { topology, faults } = readTopology(text, options)
  const isSound = faults.paths().length === 0
  if (topology && !isSound) addWiringFaults(topology, faults)
  faults.throwIfAny()
  return resolveTopology(adapt(topology as Topology), machine)
}

/** Adds faults in the wiring of parts that have none in their shape. */
function addWiringFaults(topology: Topology, faults: Faults): void {
  const partOf = (path: string) => path.split('.').slice(0, 2).join('.')
  const faulty = new Set(faults.paths().map(partOf))
  const further = new Faults(topology.locate, topology.file)
  resolveWiring(topology, further)
  faults.takeFrom(further, (path) => OF_WIRING.test(path) && !faulty.has(partOf(path)))
}
