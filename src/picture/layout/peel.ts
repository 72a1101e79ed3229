// A net without the nodes that have one neighbour: its core, whose structure tells how it is drawn.
import { at, type Net, partOf } from './net.js'

export interface Peeled {
  core: Net
  /** The numbers in the whole net of the items of the core. */
  members: number[]
  /** For each item of the core the numbers in the whole net of the items that hang from it. */
  leaves: number[][]
}

/** Takes off all nodes with one neighbour; of two nodes alone, the second. */
export function peel(net: Net): Peeled {
  const isLeaf = (item: number): boolean => {
    const [other, ...more] = at(net.neighbours, item)
    if (other === undefined || more.length > 0) return false
    return at(net.neighbours, other).length > 1 || item > other
  }
  const all = net.items.map((_, item) => item)
  const members = all.filter((item) => !isLeaf(item))
  return {
    core: partOf(net, members),
    members,
    leaves: members.map((member) => at(net.neighbours, member).filter(isLeaf)),
  }
}
