// The ways of lines: straight where no box is in the way, else in an arc around it. Tunnels are always arcs, beside the links.
import type { Point } from '../../../model/picture/point.js'
import { Cells } from '../cells.js'
import { around, leaving, lengthOf, passes } from '../geometry.js'
import { type Arrangement, at, linksOf, type Net, type Place, type Tie } from '../net.js'
import { Segments } from '../segments.js'
import { boxOf } from '../separate.js'
import { type Bundle, bundlesOf, NARROW, portPitch, spreadOf } from './bundles.js'
import { detour } from './detour.js'

/** How far arcs go aside, in shares of their length: the first that meets no box is taken. */
const STRAIGHT_FIRST = [0, 0.08, -0.08, 0.16, -0.16, 0.26, -0.26, 0.4, -0.4]
const ARCS = [0.16, -0.16, 0.2, -0.2, 0.12, -0.12, 0.26, -0.26, 0.34, -0.34, 0.46, -0.46, 0.6, -0.6]
/** In larger nets, lines are led around single boxes, since arcs would be in the way of many other lines. */
const LARGE = 200

/** The ways of the ties of a net, in their order. */
export function routesOf(net: Net, { places, routes }: Arrangement): Point[][] {
  const cells = new Cells(160)
  for (const [number, place] of places.entries()) cells.add(number, boxOf(place, 3))
  const middle = middleOf(places)
  const bundles = bundlesOf(net.ties.filter(({ edge }) => !routes.has(edge)))
  const strands = new Map<Tie, Strand>()
  const structure = new Set(linksOf(net.ties))
  const isAbove = (tie: Tie) => !structure.has(tie)
  const links = new Segments()
  /** A bundle is narrow if it would be in the way of boxes. */
  const strandOf = (tie: Tie): Strand => {
    const bundle = bundles.get(tie) as Bundle
    if (!strands.has(tie)) {
      const wide = bundle.ties.map(
        (each, rank): Strand => ({ tie: each, rank, count: bundle.ties.length, bundle, pitch: null }),
      )
      const isWide =
        wide.length === 1 || wide.every((each) => hitsOf(arc(net, each, places, 0), each.tie, places, cells) === 0)
      for (const each of wide) strands.set(each.tie, isWide ? each : { ...each, pitch: NARROW })
    }
    return strands.get(tie) as Strand
  }
  const wayOf = (tie: Tie): Point[] => {
    const known = routes.get(tie.edge)
    if (known) return known
    const strand = strandOf(tie)
    const outwards = outwardSign(tie, places, middle)
    const ways = (bends: readonly number[]) => bends.map((bend) => arc(net, strand, places, bend * outwards))
    const hits = (points: readonly Point[]) => hitsOf(points, tie, places, cells)
    if (isAbove(tie)) return leastOf(ways(ARCS), (points) => 50 * hits(points) + nearness(points, links))
    const best = leastOf(ways(net.items.length > LARGE ? [0] : STRAIGHT_FIRST), hits)
    const fewest = hits(best)
    if (fewest === 0) return best
    const around = detour(arc(net, strand, places, 0), (a, b) =>
      boxesInWay(a, b, tie, places, cells).map((item) => boxOf(at(places, item), 3)),
    )
    return hits(around) < fewest ? around : best
  }
  // Links first, since tunnels keep away from them.
  const found = new Map<Tie, Point[]>()
  for (const tie of [...net.ties.filter((each) => !isAbove(each)), ...net.ties.filter(isAbove)]) {
    const way = wayOf(tie)
    found.set(tie, way)
    if (!isAbove(tie)) links.add(found.size, way)
  }
  return net.ties.map((tie) => found.get(tie) ?? [])
}

/** The first of the things with the least cost; those after one that costs nothing are not looked at. */
function leastOf<T>(things: readonly T[], costOf: (thing: T) => number): T {
  let best = things[0] as T
  let least = Number.POSITIVE_INFINITY
  for (const thing of things) {
    const cost = costOf(thing)
    if (cost < least) {
      least = cost
      best = thing
    }
    if (least === 0) break
  }
  return best
}

/** At how many of its points a line is near others: those that run beside it count more than those that cross it. */
function nearness(points: readonly Point[], links: Segments): number {
  const inner = points.slice(1, -1)
  return inner.reduce((sum, { x, y }) => sum + links.through({ x: x - 5, y: y - 5, width: 10, height: 10 }).size, 0)
}

function middleOf(places: readonly Place[]): Point {
  const { x, y, width, height } = around(places.map((place) => boxOf(place)))
  return { x: x + width / 2, y: y + height / 2 }
}

/** The sign of arcs that go away from the middle of the picture; of lines through that, those that go up. */
function outwardSign(tie: Tie, places: readonly Place[], middle: Point): number {
  const [one, two] = [...tie.ends].sort((a, b) => a - b) as [number, number]
  const a = at(places, one)
  const b = at(places, two)
  const side = (b.x - a.x) * (middle.y - a.y) - (b.y - a.y) * (middle.x - a.x)
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1
  if (Math.abs(side) / length < 4) return b.x > a.x ? -1 : 1
  return side > 0 ? -1 : 1
}

/** The width of a bundle in shares of its length: wider ones would be in the way of lines beside them. */
const WIDEST = 0.6

/** A tie in its bundle, whose lines are `pitch` apart where they have room; without one, as far as their texts need. */
interface Strand {
  tie: Tie
  rank: number
  count: number
  bundle: Bundle
  pitch: number | null
}

function arc(net: Net, { tie, rank, count, bundle, pitch }: Strand, places: readonly Place[], bend: number): Point[] {
  const [one, two] = tie.ends
  const a = anchor(net, places, one, two, count)
  const b = anchor(net, places, two, one, count)
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1
  // From the item that comes first, so that parallel lines from either end are on different sides. Up is first for lines to the right.
  const sign = one < two ? 1 : -1
  const across = { x: (-sign * (b.y - a.y)) / length, y: (sign * (b.x - a.x)) / length }
  const [from, to] = [boxOf(at(places, one)), boxOf(at(places, two))]
  const ports = tie.ends.map((end) => portPitch(at(places, end), count)) as [number, number]
  const profile = profileOf(
    {
      ports,
      pitch: pitch ?? Math.min(spreadOf(bundle, across), Math.max(NARROW, (WIDEST * length) / count)),
      count,
      length,
    },
    [1 - lengthOf(leaving([a, b], from)) / length, lengthOf(leaving([b, a], to)) / length],
  )
  const shares = bend === 0 ? (count === 1 ? [0, 1] : profile.map(({ share }) => share)) : STEPS
  const points = shares.map((share) => {
    const far = (rank - (count - 1) / 2) * pitchAt(profile, share) + bend * length * 4 * share * (1 - share)
    return { x: a.x + (b.x - a.x) * share + across.x * far, y: a.y + (b.y - a.y) * share + across.y * far }
  })
  return leaving(leaving(points, from).reverse(), to).reverse()
}

const STEPS = Array.from({ length: 21 }, (_, step) => step / 20)

/** How far the lines of a bundle are apart, by the share of their way: at both boxes, and between them. */
type Profile = { share: number; pitch: number }[]

/** @param edges where the line in the middle leaves the one box and enters the other, in shares of the way */
function profileOf(
  { ports, pitch, count, length }: { ports: [number, number]; pitch: number; count: number; length: number },
  [leave, enter]: [number, number],
): Profile {
  const room = Math.max(0, enter - leave)
  const turns = ports.map((port) => Math.min((Math.abs(pitch - port) * (count - 1)) / 2 / length, room / 5))
  return [
    { share: 0, pitch: ports[0] },
    { share: leave, pitch: ports[0] },
    { share: leave + at(turns, 0), pitch },
    { share: Math.max(leave, enter) - at(turns, 1), pitch },
    { share: Math.max(leave, enter), pitch: ports[1] },
    { share: 1, pitch: ports[1] },
  ]
}

function pitchAt(profile: Profile, share: number): number {
  const next = Math.max(
    1,
    profile.findIndex((each) => each.share >= share),
  )
  const [one, two] = [at(profile, next - 1), at(profile, next)]
  const part = two.share === one.share ? 1 : (share - one.share) / (two.share - one.share)
  return one.pitch + (two.pitch - one.pitch) * part
}

/** Where a line begins: in the middle of a box, or where it meets a bar at a right angle. */
function anchor(net: Net, places: readonly Place[], item: number, other: number, count: number): Point {
  const { x, y, width, height } = at(places, item)
  if (!at(net.items, item).isBus) return { x, y }
  const reach = Math.max(0, width / 2 - 10 - ((count - 1) * portPitch({ width, height }, count)) / 2)
  return { x: Math.min(Math.max(at(places, other).x, x - reach), x + reach), y }
}

function hitsOf(points: readonly Point[], tie: Tie, places: readonly Place[], cells: Cells): number {
  const hit = new Set<number>()
  for (let number = 1; number < points.length; number++) {
    const [a, b] = [points[number - 1] as Point, points[number] as Point]
    for (const item of boxesInWay(a, b, tie, places, cells)) hit.add(item)
  }
  return hit.size
}

/** The items that a line from `a` to `b` passes through or touches, but for those at the ends of the tie. */
function boxesInWay(a: Point, b: Point, { ends }: Tie, places: readonly Place[], cells: Cells): number[] {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)]
  const near = cells.near({ x, y, width: Math.abs(a.x - b.x) + 0.01, height: Math.abs(a.y - b.y) + 0.01 })
  return [...near].filter((item) => !ends.includes(item) && passes(a, b, boxOf(at(places, item), 3)))
}
