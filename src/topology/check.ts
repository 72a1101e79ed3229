// Reads, checks and resolves a topology in one go. Where its shape is wrong, the meaning of the sound parts is checked all the
// same, so that all faults are told at once.
import type { ResolvedTopology } from '../model/resolved.js'
import { addFaultsOfMeaning, type Machine, resolveTopology } from './resolve.js'
import { type ParseOptions, readTopology } from './source/parse.js'
import type { Topology } from './source/topology.js'

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
  const { topology, leftOut, faults } = readTopology(text, options)
  if (topology && !faults.isEmpty) addFaultsOfMeaning(topology, leftOut, machine, faults)
  faults.throwIfAny()
  return resolveTopology(adapt(topology as Topology), machine)
}
