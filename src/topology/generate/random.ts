// A random network. It is connected, and the same for the same seed.
import { randomNumbers } from '../../random-numbers.js'
import { routers, type Shape, ShapeBuilder } from './shape.js'

/** The number of links that gives `count` routers `degree` links each on average, rounded. */
export const linksFor = (count: number, degree: number): number => Math.round((count * degree) / 2)

/**
 * Makes a random tree, then adds random links until there are enough. No two routers have two links.
 *
 * @param degree mean number of links to other routers; between 2 − 2/count and count − 1
 */
export function random(count: number, degree: number, seed: number, hosts: number): Shape {
  const shape = new ShapeBuilder()
  const names = routers(shape, count, hosts)
  const next = randomNumbers(seed)
  const taken = new Set<number>()
  const link = (a: number, b: number): void => {
    const key = Math.min(a, b) * count + Math.max(a, b)
    if (a === b || taken.has(key)) return
    taken.add(key)
    shape.link(names[Math.min(a, b)] as string, names[Math.max(a, b)] as string)
  }
  for (let router = 1; router < count; router++) link(Math.floor(next() * router), router)
  const wanted = linksFor(count, degree)
  // Near a full mesh, random pairs would rarely be without a link, so all pairs are shuffled instead.
  const isDense = wanted > (count * (count - 1)) / 4
  if (isDense) for (const [a, b] of shuffled(allPairs(count), next)) if (taken.size < wanted) link(a, b)
  while (taken.size < wanted) link(Math.floor(next() * count), Math.floor(next() * count))
  return shape
}

const allPairs = (count: number): [number, number][] =>
  Array.from({ length: count }, (_, a) => Array.from({ length: a }, (_, b): [number, number] => [b, a])).flat()

/** Shuffles a list in place (R. Durstenfeld, Algorithm 235, CACM 1964). */
function shuffled<T>(list: T[], next: () => number): T[] {
  for (let last = list.length - 1; last > 0; last--) {
    const other = Math.floor(next() * (last + 1))
    const kept = list[last] as T
    list[last] = list[other] as T
    list[other] = kept
  }
  return list
}
