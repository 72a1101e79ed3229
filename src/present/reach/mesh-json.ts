// The JSON document of `ping --all`, in groups of lines, since a mesh of 1,000 hosts has 999,000 pairs.
import type { PingMesh, PingPair } from '../../model/reach/ping.js'

/** A mesh whose pairs are read in their order. */
export type MeshReading = Omit<PingMesh, 'pairs'> & { pairs: Iterable<PingPair> }

/** Lines are collected up to this many characters. */
const GROUP = 1 << 16

/** What JSON.stringify writes of the document with an indentation of 2, in groups of whole lines. */
export function* meshJson({ pairs, sent, received, elapsedMs }: MeshReading): Generator<string> {
  let lines = '{\n  "pairs": ['
  let isEmpty = true
  for (const pair of pairs) {
    if (!isEmpty) lines += ','
    if (lines.length < GROUP) lines += '\n'
    else {
      yield lines
      lines = ''
    }
    lines += `    ${JSON.stringify(pair, null, 2).replaceAll('\n', '\n    ')}`
    isEmpty = false
  }
  const rest = JSON.stringify({ sent, received, elapsedMs }, null, 2).slice(2)
  yield `${lines}${isEmpty ? '' : '\n  '}],\n${rest}`
}
