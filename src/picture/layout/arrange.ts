// Finds the layout that suits the structure of a net; components are side by side.
import { around } from './geometry.js'
import { routesOf } from './lines/route.js'
import { type Arrangement, at, components, emptyArrangement, type Layout, type Net, partOf } from './net.js'
import { pack } from './pack.js'
import { qualityOf } from './quality.js'
import { boxOf, separate } from './separate.js'
import { chain } from './shapes/chain.js'
import { free } from './shapes/free.js'
import { grid } from './shapes/grid.js'
import { ring } from './shapes/ring.js'
import { star } from './shapes/star.js'
import { isHierarchy, layered, tiers } from './shapes/tiers.js'
import { tree } from './shapes/tree.js'

const KNOWN: readonly Layout[] = [chain, star, ring, grid, tree, tiers]

/** Nets up to this number of items and ties are drawn in several ways, of which the best is taken. */
const SMALL = 160

/** @param scale of the gaps, 1 or more */
export function arrange(net: Net, scale: number): Arrangement {
  const arrangements = components(net).map((members) => ({ members, ...arrangeOne(partOf(net, members), scale) }))
  const offsets = pack(arrangements.map(({ places }) => around(places.map((place) => boxOf(place)))))
  const whole = emptyArrangement()
  for (const [number, { members, places, routes, hung }] of arrangements.entries()) {
    const { x, y } = at(offsets, number)
    for (const [item, place] of places.entries())
      whole.places[at(members, item)] = { ...place, x: place.x + x, y: place.y + y }
    for (const [edge, end] of hung) whole.hung.set(edge, end)
    for (const [edge, way] of routes)
      whole.routes.set(
        edge,
        way.map((point) => ({ x: point.x + x, y: point.y + y })),
      )
  }
  return whole
}

function arrangeOne(net: Net, scale: number): Arrangement {
  for (const layout of KNOWN) {
    const found = layout(net, scale)
    if (found) return apart(found)
  }
  const isSmall = net.items.length + net.ties.length <= SMALL
  const rows = isSmall ? [apart(layered(net, scale))] : []
  const others = (isSmall ? [1, 2, 3, 4] : [1]).map((seed) => apart(free(net, scale, seed)))
  const tries = [...rows, ...others]
  // People read rows more easily than they follow lines that do not cross.
  const costs = tries.map((each) => costOf(net, each) * (rows.includes(each) && isHierarchy(net) ? TIERS_SHARE : 1))
  return at(tries, costs.indexOf(Math.min(...costs)))
}

/** Tiers are taken up to this many times the crossings of another layout. */
const TIERS_SHARE = 1 / 3

/** Pushes boxes apart that overlap; lines of those that were moved have no known way any more. */
function apart(arrangement: Arrangement): Arrangement {
  const { places } = arrangement
  const moved = separate(places, 6)
  const isSame = moved.every((place, number) => place.x === at(places, number).x && place.y === at(places, number).y)
  return isSame ? arrangement : { ...emptyArrangement(), places: moved }
}

function costOf(net: Net, arrangement: Arrangement): number {
  if (net.items.length + net.ties.length > SMALL) return 0
  const { crossings, hits } = qualityOf(net, arrangement.places, routesOf(net, arrangement))
  const { width, height } = around(arrangement.places.map((place) => boxOf(place)))
  return 3 * crossings + 10 * hits + (width + height * 1.3) / 1000
}
