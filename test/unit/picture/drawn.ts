// Graphs of pictures that are written by hand, for what no topology file has: nodes that died, links that are down.
import type { PictureEdge, PictureGraph, PictureNode } from '../../../src/model/picture/graph.js'

export const node = (id: string, some: Partial<PictureNode> = {}): PictureNode => ({
  ...{ id, kind: 'host', lines: [id], status: 'running', isBus: false, group: null, count: 1 },
  ...some,
})

export const edge = (a: string, b: string, some: Partial<PictureEdge> = {}): PictureEdge => {
  const [from, to] = [a, b].map((endpoint) => {
    const [node = '', name = 'eth0'] = endpoint.split(':')
    return { node, interface: name, addresses: [], state: 'up' as const, master: null }
  }) as unknown as PictureEdge['ends']
  return {
    ...{ id: `${from.node}:${from.interface}--${to.node}:${to.interface}`, ends: [from, to], layer: 'underlay' },
    ...{ type: 'veth', state: 'up', labels: [], network: null },
    ...some,
  }
}

export const graph = (nodes: PictureNode[], edges: PictureEdge[], some: Partial<PictureGraph> = {}): PictureGraph => {
  const ids = [...new Set(nodes.flatMap(({ group }) => group ?? []))]
  const groups = ids.map((id) => ({ id, label: id.replace('group:', '') }))
  return { lab: 'lab', status: 'running', nodes, edges, groups, networks: [], ...some }
}
