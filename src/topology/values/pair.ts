// Pairs of stations of a LAN, such as `a -> b` or `c <-> *`.

/** `NODE` or `NODE:INTERFACE`; `*` for all stations. */
export interface Pair {
  from: string
  to: string
  /** The way back is meant too. */
  isBoth: boolean
}

const STATION = String.raw`(\*|[^\s:<>*-][^\s:<>*]*(?::[^\s:<>]+)?)`
const PAIR = new RegExp(String.raw`^\s*${STATION}\s*(->|<->)\s*${STATION}\s*$`)

export const EVERY = '*'

/** Reads a pair. Returns a text that describes the fault if it is none. */
export function parsePair(text: string): Pair | string {
  const [, from, arrow, to] = text.length > 300 ? [] : (PAIR.exec(text) ?? [])
  if (from === undefined || to === undefined)
    return `a pair is written like "a -> b", "a:eth0 <-> b" or "* -> b": two stations of the LAN and the way between them`
  return { from, to, isBoth: arrow === '<->' }
}
