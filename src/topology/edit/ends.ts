// The ends of links of a topology that is edited.
import type { EndSettings, TopologyLink } from '../schema/topology.js'

/** An end as a map, however it is written. */
export function endOf(written: TopologyLink['endpoints'][number]): EndSettings {
  if (typeof written !== 'string') return written
  const colon = written.indexOf(':')
  return colon < 0 ? { node: written } : { node: written.slice(0, colon), interface: written.slice(colon + 1) }
}

export const nodesOf = ({ endpoints }: TopologyLink): string[] => endpoints.map((end) => endOf(end).node)
