// A checked topology: its keys and single values are right, and the place of each value is known.
import type { TopologyFile, TopologyNode } from '../schema/topology.js'
import type { Locate } from './located.js'

/** A topology with variables, kinds, repetitions and the defaults of the schema filled in. */
export interface Topology extends Omit<TopologyFile, 'nodes'> {
  name: string
  /** By name, in the order of the file. */
  nodes: ReadonlyMap<string, TopologyNode>
  /** The name of the file, for messages. */
  file: string | undefined
  locate: Locate
}
