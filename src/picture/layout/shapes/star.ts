// One node in the middle, and all others around it; a LAN as a bar from which its nodes hang.
import { hang, rowGap } from '../hanging.js'
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
  const arrangement = emptyArrangement()
  const block = hang(net, centre, around, scale)
  const width = Math.max(item.width, block.span)
  arrangement.places[centre] = { x: 0, y: 0, width, height: item.height }
  const below = item.height / 2
  block.put(arrangement, 0, below + rowGap(net.ties, scale), { x: 0, y: below })
  return arrangement
}

function circle(net: Net, centre: number, around: readonly number[], scale: number): Arrangement {
  const { width, height } = at(net.items, centre)
  const widest = Math.max(...around.map((item) => at(net.items, item).width))
  const texts = Math.max(
    ...net.ties.map(({ endSizes, middle }) => endSizes[0].width + endSizes[1].width + middle.width),
  )
  const round = (around.length * (widest + 24)) / (2 * Math.PI)
  const radius = Math.max(round, (width + widest) / 2 + Math.max(30, texts + 24)) * scale
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
