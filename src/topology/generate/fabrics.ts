// Networks of data centres, of routers on every level.
import { Growth, type Shape, upTo } from './shape.js'

export interface ClosSize {
  leaves: number
  spines: number
  /** On each leaf. */
  hosts: number
  superSpines: number
}

/** Every leaf linked with every spine, and every spine with every super-spine (C. Clos, 1953). */
export function clos({ leaves, spines, hosts, superSpines }: ClosSize): Shape {
  const growth = new Growth()
  const tops = upTo(superSpines).map((i) => growth.add('router', `super${i}`))
  const middles = upTo(spines).map((i) => growth.add('router', `spine${i}`))
  const bottoms = upTo(leaves).map((i) => growth.add('router', `leaf${i}`))
  growth.linkAll(middles, tops)
  growth.linkAll(bottoms, middles)
  for (const [at, leaf] of bottoms.entries()) growth.addHosts(leaf, hosts, `h${at + 1}`)
  return growth
}

/**
 * k pods of k/2 edge and k/2 aggregation switches, (k/2)² cores, k/2 hosts on each edge: k³/4 hosts with switches of k
 * ports (Al-Fares, Loukissas, Vahdat, SIGCOMM 2008). Here, all switches are routers.
 */
export function fatTree(ports: number): Shape {
  const half = ports / 2
  const growth = new Growth()
  const cores = upTo(half).map((group) => upTo(half).map((i) => growth.add('router', `core${group}-${i}`)))
  for (const pod of upTo(ports)) {
    const aggregations = upTo(half).map((i) => growth.add('router', `agg${pod}-${i}`))
    for (const [at, aggregation] of aggregations.entries()) growth.linkAll([aggregation], cores[at] ?? [])
    for (const i of upTo(half)) {
      const edge = growth.add('router', `edge${pod}-${i}`)
      growth.linkAll([edge], aggregations)
      for (const host of upTo(half)) growth.link(edge, growth.add('host', `h${pod}-${i}-${host}`))
    }
  }
  return growth
}
