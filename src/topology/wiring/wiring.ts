// The wiring of a lab: its links, the interfaces that stand on each other in each node, and the segments of links that share a
// subnet.
import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import type { Stacks } from './node-stack.js'
import { readStacks } from './read-stacks.js'
import { findSegments, type Segment } from './segments.js'
import { type WiredLink, wireLinks } from './wire-links.js'

export interface Wiring {
  links: readonly WiredLink[]
  stacks: Stacks
  segments: readonly Segment[]
}

export function wire(topology: Topology, faults: Faults): Wiring {
  const links = wireLinks(topology, faults)
  const stacks = readStacks(topology, links, faults)
  return { links, stacks, segments: findSegments(topology, links, stacks, faults) }
}
