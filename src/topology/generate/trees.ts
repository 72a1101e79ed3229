// Star, tree, dumbbell, full mesh.
import { Growth, routers, type Shape, upTo } from './shape.js'

/** Hosts on one switch. */
export function star(count: number): Shape {
  const growth = new Growth()
  const hub = growth.add('switch', 's1')
  for (const i of upTo(count)) growth.link(growth.add('host', `h${i}`), hub)
  return growth
}

/** Routers in so many levels, each with `fanout` below it; what is below the last level are hosts. */
export function tree(depth: number, fanout: number): Shape {
  const growth = new Growth()
  let level = [growth.add('router', 'r1')]
  for (const below of upTo(depth)) {
    const isLast = below === depth
    let next = isLast ? 1 : growth.nodes.size + 1
    const grown: string[] = []
    for (const parent of level) {
      for (const _ of upTo(fanout)) {
        const child = isLast ? growth.add('host', `h${next++}`) : growth.add('router', `r${next++}`)
        growth.link(parent, child)
        grown.push(child)
      }
    }
    level = grown
  }
  return growth
}

/** Hosts on either side of one link, which all that goes across must share. */
export function dumbbell(left: number, right: number): Shape {
  const growth = new Growth()
  const [west, east] = [growth.add('router', 'r1'), growth.add('router', 'r2')]
  growth.link(west, east)
  for (const i of upTo(left)) growth.link(growth.add('host', `a${i}`), west)
  for (const i of upTo(right)) growth.link(growth.add('host', `b${i}`), east)
  return growth
}

/** Every router linked with every other. */
export function full(count: number, hosts: number): Shape {
  const growth = new Growth()
  const names = routers(growth, count, hosts)
  for (const [at, name] of names.entries()) growth.linkAll([name], names.slice(at + 1))
  return growth
}
