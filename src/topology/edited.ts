// Resolves the topology of a running lab with edits: all that is there keeps its names and addresses.
import { LabError } from '../errors.js'
import type { ResolvedTopology } from '../model/resolved.js'
import type { TopologyEdit } from '../model/source/topology-edit.js'
import { checksOfRest } from './checks/checks-of-rest.js'
import { addLink, addNode, type EditedFile } from './edit/addition.js'
import { nodesOf } from './edit/ends.js'
import { freeze } from './edit/freeze.js'
import { removeLink, removeNode } from './edit/removal.js'
import { type Machine, resolveTopology } from './resolve.js'
import { type ParseOptions, readTopology } from './source/parse.js'
import type { Topology } from './source/topology.js'

export interface EditRequest {
  /** The text of the file, and how it is read. */
  text: string
  options: ParseOptions
  /** Edits that were made before, in their order. */
  before: readonly TopologyEdit[]
  /** What the text resolves to with those. */
  present: ResolvedTopology
  edits: readonly TopologyEdit[]
}

/**
 * Resolves the topology with further edits.
 *
 * @param adapt refuses or changes the edited topology
 * @throws LabError TOPOLOGY_INVALID when the edited topology has faults; STATE_REFUSED when the text is not that of `present`
 */
export function resolveEdited(
  { text, options, before, present, edits }: EditRequest,
  machine: Machine,
  adapt: (topology: Topology) => Topology = (topology) => topology,
): ResolvedTopology {
  const { topology: read, faults, whole } = readTopology(text, options)
  faults.throwIfAny()
  const file = { whole, options }
  // Scenarios are run from files. Those of before may name what is removed, and so may checks.
  const { scenario: _, checks: __, ...written } = read as Topology
  const then = before.reduce((topology, edit) => edited(topology, edit, file), written as Topology)
  requireSame({ ...then, name: present.name }, present)
  const now = edits.reduce((topology, edit) => edited(topology, edit, file), freeze(then, present))
  const resolved = resolveTopology(adapt({ ...now, name: present.name }), machine)
  const checks = present.checks && checksOfRest(present.checks, now.nodes)
  return checks === undefined ? resolved : { ...resolved, checks }
}

function edited(topology: Topology, edit: TopologyEdit, file: EditedFile): Topology {
  switch (edit.edit) {
    case 'node.add':
      return addNode(topology, edit, file)
    case 'node.remove':
      return removeNode(topology, edit)
    case 'link.add':
      return addLink(topology, edit, file)
    case 'link.remove':
      return removeLink(topology, edit)
  }
}

function requireSame(topology: Topology, present: ResolvedTopology): void {
  const names = [...topology.nodes.keys()]
  const isSame =
    names.length === present.nodes.length &&
    present.nodes.every(({ name }) => topology.nodes.has(name)) &&
    topology.links.length === present.links.length &&
    topology.links.every((link, place) => {
      const ends = present.links[place]?.endpoints ?? []
      return nodesOf(link).every((node, side) => node === ends[side]?.node)
    })
  if (isSame) return
  throw new LabError('STATE_REFUSED', `lab ${present.name} is not the one that its file and its edits make`, {
    hint: 'change the file, and apply it with `nslab apply FILE`',
  })
}
