// The JSON document of `ping --all`, in parts, since a mesh of 1,000 hosts has 999,000 pairs.
import type { PingMesh, PingPair } from '../../model/reach/ping.js'

/** A mesh whose pairs are read in their order. */
export type MeshReading = Omit<PingMesh, 'pairs'> & { pairs: Iterable<PingPair> }

/** Parts are collected up to this many characters. */
const PART = 1 << 16

/** What JSON.stringify writes of the document with an indentation of 2, and a line end. */
export function* meshJson({ pairs, sent, received, elapsedMs }: MeshReading): Generator<string> {
  let part = '{\n  "pairs": ['
  let isFirst = true
  for (const pair of pairs) {
    part += `${isFirst ? '' : ','}\n    ${JSON.stringify(pair, null, 2).replaceAll('\n', '\n    ')}`
    isFirst = false
    if (part.length < PART) continue
    yield part
    part = ''
  }
  const rest = JSON.stringify({ sent, received, elapsedMs }, null, 2).slice(2)
  yield `${part}${isFirst ? '' : '\n  '}],\n${rest}\n`
}
