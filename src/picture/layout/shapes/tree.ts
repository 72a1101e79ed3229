// Trees, from the root at the top: every node in the middle above those below it.
import { GAP, type Hanging, hang, rowGap } from '../hanging.js'
import { type Arrangement, at, distances, emptyArrangement, type Net } from '../net.js'
import { peel } from '../peel.js'

/** In trees that would be wider, what hangs is in columns. */
const WIDEST = 3200

interface Branch {
  item: number
  width: number
  height: number
  span: number
  /** The branches below, and the block of nodes that hang alone. */
  below: (Branch | Hanging)[]
}

export function tree(net: Net, scale: number): Arrangement | null {
  const links = net.neighbours.reduce((sum, others) => sum + others.length, 0) / 2
  if (links !== net.items.length - 1) return null
  const { core, members, leaves } = peel(net)
  const gap = rowGap(net.ties, scale)
  const arrangement = emptyArrangement()
  const wide = grow(centreOf(core), -1, false)
  put(wide.width <= WIDEST ? wide : grow(centreOf(core), -1, true), 0, 0)
  return arrangement

  function grow(number: number, from: number, isNarrow: boolean): Branch {
    const item = at(members, number)
    const { width, height, isBus } = at(net.items, item)
    const below: Branch['below'] = at(core.neighbours, number)
      .filter((next) => next !== from)
      .map((next) => grow(next, number, isNarrow))
    const alone = at(leaves, number)
    if (alone.length > 0) below.splice(Math.ceil(below.length / 2), 0, hang(net, item, alone, scale, isNarrow))
    const across = below.reduce((sum, each) => sum + each.width, 0)
    const only = below.length === 1 ? below[0] : undefined
    const span = isBus && below.length > 1 ? across / 2 : only && !isBranch(only) ? only.span : 0
    const self = Math.max(width, isBus || alone.length > 0 ? span : 0)
    const own = net.ties.filter(({ ends }) => ends.includes(item))
    const texts = own.map(({ endSizes, middle }) => Math.max(endSizes[0].width, endSizes[1].width, middle.width) + 20)
    return { item, below, height, span: self, width: Math.max(Math.max(self, ...texts) + GAP * 2 * scale, across) }
  }

  function put(branch: Branch, x: number, y: number): void {
    arrangement.places[branch.item] = { x, y: y + branch.height / 2, width: branch.span, height: branch.height }
    const next = y + branch.height + gap
    let left = x - branch.below.reduce((sum, each) => sum + each.width, 0) / 2
    for (const each of branch.below) {
      const middle = left + each.width / 2
      if (isBranch(each)) put(each, middle, next)
      else
        each.put(arrangement, branch.below.length === 1 ? x - each.offset : middle, next, { x, y: y + branch.height })
      left += each.width
    }
  }
}

const isBranch = (each: Branch | Hanging): each is Branch => 'below' in each

/** An item of the middle of the longest way through a tree. */
function centreOf(core: Net): number {
  const farthest = (distance: readonly number[]) => distance.indexOf(Math.max(...distance))
  const one = farthest(distances(core, [0]))
  const fromOne = distances(core, [one])
  const fromOther = distances(core, [farthest(fromOne)])
  const length = Math.max(...fromOne)
  return core.items.findIndex(
    (_, item) =>
      at(fromOne, item) + at(fromOther, item) === length && Math.abs(at(fromOne, item) - at(fromOther, item)) <= 1,
  )
}
