// A topology once it is checked: shapes and single values are right, and every place in the file can be found again.
import type { TopologyFile, TopologyNode } from '../schema/topology.js'
import type { Locate } from './located.js'

/** A topology as it is meant: variables, kinds and repetitions filled in, and the schema's defaults. */
export interface Topology extends Omit<TopologyFile, 'nodes'> {
  name: string
  /** By name, in the file's order. */
  nodes: ReadonlyMap<string, TopologyNode>
  /** The file's name, for messages. */
  file: string | undefined
  locate: Locate
}
