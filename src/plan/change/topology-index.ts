// Looks up nodes by name, and interfaces by ifindex, in a topology. Pure.
import type { ResolvedInterface, ResolvedNode, ResolvedTopology } from '../../model/resolved.js'

export class TopologyIndex {
  readonly nodes: ReadonlyMap<string, ResolvedNode>
  /** Filled as nodes are asked for: most changes ask of few. */
  private readonly interfaces = new Map<string, ReadonlyMap<number, ResolvedInterface>>()

  constructor(readonly topology: ResolvedTopology) {
    this.nodes = new Map(topology.nodes.map((node) => [node.name, node]))
  }

  hasName(node: string, name: string): boolean {
    return this.nodes.get(node)?.interfaces.some((each) => each.name === name) === true
  }

  interface(node: string, index: number): ResolvedInterface | undefined {
    const known = this.interfaces.get(node)
    if (known) return known.get(index)
    const own = new Map(this.nodes.get(node)?.interfaces.map((each) => [each.index, each]))
    this.interfaces.set(node, own)
    return own.get(index)
  }
}
