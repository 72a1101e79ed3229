// Puts nodes into rows: those that are farthest from hosts first, such as spines, and those that are connected to them below.

/** Pairs of places of nodes. */
export type Pairs = readonly (readonly [number, number])[]

/** Rows of places of nodes. What is not connected is one below the other; nodes without lines are the last row. */
export function layersOf(isHost: readonly boolean[], pairs: Pairs): number[][] {
  const neighbours = neighboursOf(isHost.length, pairs)
  const rows: number[][] = []
  const alone: number[] = []
  const isPlaced = isHost.map(() => false)
  isHost.forEach((_, node) => {
    if (isPlaced[node]) return
    const part = [...distances([node], neighbours).keys()]
    for (const each of part) isPlaced[each] = true
    if (part.length === 1) alone.push(node)
    else rows.push(...partRows(part, isHost, neighbours))
  })
  return alone.length > 0 ? [...rows, alone] : rows
}

function neighboursOf(count: number, pairs: Pairs): number[][] {
  const neighbours = Array.from({ length: count }, (): number[] => [])
  for (const [a, b] of pairs) {
    if (a === b) continue
    neighbours[a]?.push(b)
    neighbours[b]?.push(a)
  }
  return neighbours
}

function partRows(part: readonly number[], isHost: readonly boolean[], neighbours: readonly number[][]): number[][] {
  const rows: number[][] = []
  for (const [node, distance] of distances(topOf(part, isHost, neighbours), neighbours)) {
    rows[distance] ??= []
    rows[distance].push(node)
  }
  return rows
}

/** One end of a chain; else the nodes that are farthest from every host; else the first node. */
function topOf(part: readonly number[], isHost: readonly boolean[], neighbours: readonly number[][]): number[] {
  const degreeOf = (node: number) => new Set(neighbours[node]).size
  const ends = part.filter((node) => degreeOf(node) === 1)
  if (ends.length === 2 && part.every((node) => degreeOf(node) <= 2)) return ends.slice(0, 1)
  const hosts = part.filter((node) => isHost[node] && degreeOf(node) === 1)
  if (hosts.length === 0) return part.slice(0, 1)
  const away = distances(hosts, neighbours)
  const greatest = Math.max(...away.values())
  return part.filter((node) => away.get(node) === greatest)
}

/** The number of lines to each node from the nearest of some nodes, in the order in which they are reached. */
function distances(from: readonly number[], neighbours: readonly number[][]): Map<number, number> {
  const found = new Map(from.map((node) => [node, 0]))
  for (const [node, distance] of found) {
    for (const next of neighbours[node] ?? []) if (!found.has(next)) found.set(next, distance + 1)
  }
  return found
}
