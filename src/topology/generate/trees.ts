// Networks with a centre: star, tree, dumbbell, full mesh.
import { routers, type Shape, ShapeBuilder, upTo } from './shape.js'

/** Hosts on one switch. */
export function star(count: number): Shape {
  const shape = new ShapeBuilder()
  const hub = shape.add('switch', 's1')
  for (const i of upTo(count)) shape.link(shape.add('host', `h${i}`), hub)
  return shape
}

/** Levels of routers, each router with `fanout` nodes below it. The nodes below the last level are hosts. */
export function tree(depth: number, fanout: number): Shape {
  const shape = new ShapeBuilder()
  let level = [shape.add('router', 'r1')]
  for (const below of upTo(depth)) {
    const isLast = below === depth
    let next = isLast ? 1 : shape.nodes.size + 1
    const grown: string[] = []
    for (const parent of level) {
      for (const _ of upTo(fanout)) {
        const child = isLast ? shape.add('host', `h${next++}`) : shape.add('router', `r${next++}`)
        shape.link(parent, child)
        grown.push(child)
      }
    }
    level = grown
  }
  return shape
}

/** Hosts on both sides of one link, which all traffic between the sides must share. */
export function dumbbell(left: number, right: number): Shape {
  const shape = new ShapeBuilder()
  const [west, east] = [shape.add('router', 'r1'), shape.add('router', 'r2')]
  shape.link(west, east)
  for (const i of upTo(left)) shape.link(shape.add('host', `a${i}`), west)
  for (const i of upTo(right)) shape.link(shape.add('host', `b${i}`), east)
  return shape
}

/** Every router linked with every other. */
export function full(count: number, hosts: number): Shape {
  const shape = new ShapeBuilder()
  const names = routers(shape, count, hosts)
  for (const [at, name] of names.entries()) shape.linkAll([name], names.slice(at + 1))
  return shape
}
