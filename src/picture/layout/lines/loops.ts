// Links from a node to itself: they are written in its box, since a line around a corner would be over the texts of the others.
import type { PictureEdge, PictureEnd, PictureGraph, PictureNode } from '../../../model/picture/graph.js'
import { middleLines } from '../net.js'

/** The graph without edges of one node; the box of that has their interfaces, states and addresses. */
export function withoutLoops(graph: PictureGraph): PictureGraph {
  const loops = graph.edges.filter(isLoop)
  if (loops.length === 0) return graph
  const nodes = graph.nodes.map((node): PictureNode => {
    const own = loops.filter(({ ends }) => ends[0].node === node.id)
    // The box of a group stands for links within it as it does for its nodes.
    return own.length === 0 || node.kind === 'summary'
      ? node
      : { ...node, lines: [...node.lines, ...own.flatMap(lines)] }
  })
  return { ...graph, nodes, edges: graph.edges.filter((edge) => !isLoop(edge)) }
}

const isLoop = ({ ends }: PictureEdge): boolean => ends[0].node === ends[1].node

function lines(edge: PictureEdge): string[] {
  const names = edge.ends.map(({ interface: name, master }) => (master === null ? name : `${name} in ${master}`))
  return [[names.join(' ↔ '), ...middleLines(edge)].join(', '), ...edge.ends.flatMap(addressLines)]
}

const addressLines = ({ interface: name, addresses }: PictureEnd): string[] =>
  addresses.map((address) => `${name} ${address}`)
