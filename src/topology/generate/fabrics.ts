// Networks of data centres, with routers on every level.
import { type Shape, ShapeBuilder, upTo } from './shape.js'

export interface ClosSize {
  leaves: number
  spines: number
  /** The number of hosts on each leaf. */
  hosts: number
  superSpines: number
}

/** Every leaf linked with every spine, and every spine with every super-spine (C. Clos, 1953). */
export function clos({ leaves, spines, hosts, superSpines }: ClosSize): Shape {
  const shape = new ShapeBuilder()
  const tops = upTo(superSpines).map((i) => shape.add('router', `super${i}`))
  const middles = upTo(spines).map((i) => shape.add('router', `spine${i}`))
  const bottoms = upTo(leaves).map((i) => shape.add('router', `leaf${i}`))
  shape.linkAll(middles, tops)
  shape.linkAll(bottoms, middles)
  for (const [at, leaf] of bottoms.entries()) shape.addHosts(leaf, hosts, `h${at + 1}`)
  return shape
}

/**
 * k pods of k/2 edge and k/2 aggregation switches, (k/2)² cores, k/2 hosts on each edge: k³/4 hosts with switches of k
 * ports (Al-Fares, Loukissas, Vahdat, SIGCOMM 2008). Here, all switches are routers.
 */
export function fatTree(ports: number): Shape {
  const half = ports / 2
  const shape = new ShapeBuilder()
  const cores = upTo(half).map((group) => upTo(half).map((i) => shape.add('router', `core${group}-${i}`)))
  for (const pod of upTo(ports)) {
    const aggregations = upTo(half).map((i) => shape.add('router', `agg${pod}-${i}`))
    for (const [at, aggregation] of aggregations.entries()) shape.linkAll([aggregation], cores[at] ?? [])
    for (const i of upTo(half)) {
      const edge = shape.add('router', `edge${pod}-${i}`)
      shape.linkAll([edge], aggregations)
      for (const host of upTo(half)) shape.link(edge, shape.add('host', `h${pod}-${i}-${host}`))
    }
  }
  return shape
}
