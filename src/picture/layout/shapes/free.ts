// Nets of no known structure: nodes as far from each other as the way between them is long (stress, by stochastic gradient descent:
// J. X. Zheng, S. Pawar, D. F. M. Goodman, 2019), and what has one neighbour in the free directions around that.
import type { Point } from '../../../model/picture/point.js'
import { randomNumbers } from '../../../random-numbers.js'
import { type Arrangement, at, distances, emptyArrangement, type Item, type Net, type Place } from '../net.js'
import { peel } from '../peel.js'
import { separate } from '../separate.js'

const ROUNDS = 30

export function free(net: Net, scale: number, seed = 1): Arrangement {
  const { core, members, leaves } = peel(net)
  const texts = Math.max(
    0,
    ...net.ties.map(({ endSizes, middle }) => endSizes[0].width + endSizes[1].width + middle.width),
  )
  const textHeight = Math.max(0, ...net.ties.flatMap(({ endSizes }) => endSizes.map(({ height }) => height)))
  const width = Math.max(...core.items.map((item) => item.width))
  const most = Math.max(...leaves.map((own) => own.length))
  const unit = (width + Math.max(40, Math.min(texts, 160)) + Math.min(most, 8) * 10) * scale
  const points = roomy(turned(descend(core, unit, seed)), net.items)
  const places: Place[] = []
  for (const [number, { x, y }] of points.entries()) {
    const { width, height } = at(core.items, number)
    places[at(members, number)] = { x, y: y * 0.8, width, height }
  }
  for (const [number, own] of leaves.entries()) {
    const middle = places[at(members, number)] as Place
    const directions = at(core.neighbours, number).map((other) => {
      const place = places[at(members, other)] as Place
      return Math.atan2(place.y - middle.y, place.x - middle.x)
    })
    const angles = freeAngles(directions, own.length)
    for (const [position, leaf] of own.entries()) {
      const { width, height } = at(net.items, leaf)
      const angle = at(angles, position)
      const far = Math.max(unit * 0.62, (own.length * (width + 12)) / (2 * Math.PI))
      places[leaf] = { x: middle.x + far * Math.cos(angle), y: middle.y + 0.8 * far * Math.sin(angle), width, height }
    }
  }
  return { ...emptyArrangement(), places: separate(places, (14 + textHeight) * scale) }
}

/** Points of the items of a net, `unit` for each tie between two. */
function descend(net: Net, unit: number, seed: number): Point[] {
  const count = net.items.length
  const random = randomNumbers(seed)
  const x = Float64Array.from({ length: count }, () => random() * unit * Math.sqrt(count))
  const y = Float64Array.from({ length: count }, () => random() * unit * Math.sqrt(count))
  const pairs = new Uint32Array((count * (count - 1)) / 2)
  const ways = net.items.map((_, item) => Uint16Array.from(distances(net, [item])))
  let filled = 0
  for (let a = 0; a < count; a++) for (let b = 0; b < a; b++) pairs[filled++] = a * count + b
  const longest = Math.max(1, ...ways.map((way) => way.reduce((most, each) => Math.max(most, each), 0)))
  const rounds = count > 2000 ? 8 : ROUNDS
  const decay = Math.log(0.1 / longest ** 2) / (rounds - 1)
  for (let round = 0; round < rounds; round++) {
    const rate = longest ** 2 * Math.exp(decay * round)
    for (let last = pairs.length - 1; last > 0; last--) {
      const other = Math.floor(random() * (last + 1))
      const kept = pairs[last] as number
      pairs[last] = pairs[other] as number
      pairs[other] = kept
    }
    for (const pair of pairs) {
      const a = Math.floor(pair / count)
      const b = pair % count
      const way = ways[a]?.[b] as number
      const dx = (x[a] as number) - (x[b] as number)
      const dy = (y[a] as number) - (y[b] as number)
      const length = Math.hypot(dx, dy) || 1
      const move = (Math.min(1, rate / way ** 2) * (length - way * unit)) / 2 / length
      x[a] = (x[a] as number) - move * dx
      y[a] = (y[a] as number) - move * dy
      x[b] = (x[b] as number) + move * dx
      y[b] = (y[b] as number) + move * dy
    }
  }
  return net.items.map((_, item) => ({ x: x[item] as number, y: y[item] as number }))
}

/** Points farther apart, so that the sheet is a few times as large as all boxes together. */
function roomy(points: readonly Point[], items: readonly Item[]): Point[] {
  const needed = items.reduce((sum, { width, height }) => sum + (width + 30) * (height + 34), 0) * 5
  const xs = points.map(({ x }) => x)
  const ys = points.map(({ y }) => y)
  const area = (Math.max(...xs) - Math.min(...xs)) * (Math.max(...ys) - Math.min(...ys)) || 1
  const factor = Math.max(1, Math.sqrt(needed / area))
  return points.map(({ x, y }) => ({ x: x * factor, y: y * factor }))
}

/** Points turned so that their longest extent is from left to right, and the first of them in the left half. */
function turned(points: readonly Point[]): Point[] {
  const mean = { x: 0, y: 0 }
  for (const { x, y } of points) {
    mean.x += x / points.length
    mean.y += y / points.length
  }
  let [xx, xy, yy] = [0, 0, 0]
  for (const { x, y } of points) {
    xx += (x - mean.x) ** 2
    xy += (x - mean.x) * (y - mean.y)
    yy += (y - mean.y) ** 2
  }
  const angle = Math.atan2(2 * xy, xx - yy) / 2
  const cos = Math.cos(angle)
  const sin = Math.sin(angle)
  const flat = points.map(({ x, y }) => ({
    x: (x - mean.x) * cos + (y - mean.y) * sin,
    y: (y - mean.y) * cos - (x - mean.x) * sin,
  }))
  const first = flat[0]
  return flat.map(({ x, y }) => ({ x: first && first.x > 0 ? -x : x, y: first && first.y > 0 ? -y : y }))
}

/** Angles in the widest gaps between directions that are taken. */
function freeAngles(taken: readonly number[], count: number): number[] {
  if (taken.length === 0) return Array.from({ length: count }, (_, number) => (2 * Math.PI * number) / count)
  const sorted = [...taken].sort((a, b) => a - b)
  const gaps = sorted.map((start, number) => {
    const end = sorted[number + 1] ?? at(sorted, 0) + 2 * Math.PI
    return { start, width: end - start, count: 0 }
  })
  for (let each = 0; each < count; each++) {
    const [widest] = [...gaps].sort((a, b) => b.width / (b.count + 1) - a.width / (a.count + 1))
    if (widest) widest.count++
  }
  return gaps.flatMap(({ start, width, count }) =>
    Array.from({ length: count }, (_, number) => start + (width * (number + 1)) / (count + 1)),
  )
}
