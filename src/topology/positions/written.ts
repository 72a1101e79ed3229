// The positions that a topology gives its nodes under `position`.
import type { Topology } from '../source/topology.js'
import { CollectedPositions } from './collected.js'

export function writtenPositions({ nodes, locate }: Topology): CollectedPositions {
  const positions = new CollectedPositions()
  for (const [name, { position }] of nodes) {
    if (!position) continue
    const [x, y] = position
    positions.add(name, { x, y }, locate(['nodes', name, 'position']).origin)
  }
  return positions
}
