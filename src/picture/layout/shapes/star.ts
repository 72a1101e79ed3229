// One node in the middle, and all others around it; a LAN as a bar from which its nodes hang.
import { hang, rowGap } from '../hanging.js'
import { bundlesOf, spreadOf } from '../lines/bundles.js'
import { type Arrangement, at, emptyArrangement, type Net } from '../net.js'
import { peel } from '../peel.js'

/** The most nodes around another. */
const ROUND = 40

export function star(net: Net, scale: number): Arrangement | null {
  const { members, leaves } = peel(net)
  const [centre] = members
  const around = at(leaves, 0)
  if (members.length !== 1 || centre === undefined || around === undefined || around.length < 2) return null
  const item = at(net.items, centre)
  if (!item.isBus && around.length <= ROUND) return circle(net, centre, around, scale)
  return bar(net, centre, around, scale)
}

/** Hosts hang from a bar; a few routers stand on it. */
function bar(net: Net, centre: number, around: readonly number[], scale: number): Arrangement {
  const item = at(net.items, centre)
  const routers = around.filter((other) => !at(net.items, other).isHost)
  const isTopped = item.isBus && routers.length <= MOST_ABOVE && routers.length < around.length
  const below = hang(net, centre, isTopped ? around.filter((other) => at(net.items, other).isHost) : around, scale)
  const above = isTopped && routers.length > 0 ? hang(net, centre, routers, scale) : null
  const arrangement = emptyArrangement()
  const start = item.height / 2
  const y = start + rowGap(net.ties, scale)
  const width = Math.max(item.width, below.span, above?.span ?? 0)
  if (above) {
    const upsideDown = emptyArrangement()
    above.put(upsideDown, 0, y, { x: 0, y: start })
    for (const router of routers) {
      const place = at(upsideDown.places, router)
      arrangement.places[router] = { ...place, y: -place.y }
    }
    for (const [edge, way] of upsideDown.routes)
      arrangement.routes.set(
        edge,
        way.map(({ x, y }) => ({ x, y: -y })),
      )
  }
  arrangement.places[centre] = { x: 0, y: 0, width, height: item.height }
  below.put(arrangement, 0, y, { x: 0, y: start })
  return arrangement
}

/** The most routers above a bar. */
const MOST_ABOVE = 6

function circle(net: Net, centre: number, around: readonly number[], scale: number): Arrangement {
  const { width, height } = at(net.items, centre)
  const widest = Math.max(...around.map((item) => at(net.items, item).width))
  const texts = Math.max(
    ...net.ties.map(({ endSizes, middle }) => endSizes[0].width + endSizes[1].width + middle.width),
  )
  const diagonal = { x: Math.SQRT1_2, y: Math.SQRT1_2 }
  const bundles = [...bundlesOf(net.ties).values()]
  const spread = Math.max(...bundles.map((bundle) => (bundle.ties.length - 1) * spreadOf(bundle, diagonal)))
  const round = (around.length * (Math.max(widest, spread) + 24)) / (2 * Math.PI)
  const radius = Math.max(round, (width + widest) / 2 + Math.max(30, texts + 24) + spread) * scale
  const places = []
  places[centre] = { x: 0, y: 0, width, height }
  for (const [number, item] of around.entries()) {
    const angle = (2 * Math.PI * number) / around.length + (around.length === 4 ? Math.PI / 4 : 0) - Math.PI / 2
    const { width, height } = at(net.items, item)
    // Flat ellipses suit sheets and boxes, which are wider than high.
    places[item] = { x: radius * Math.cos(angle), y: 0.7 * radius * Math.sin(angle), width, height }
  }
  return { ...emptyArrangement(), places }
}
