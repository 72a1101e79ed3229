// The text of `why`: each hop with what its kernel said, there and back, then the sentence and the command that mends the fault.
import type { ExplainedHop, Explanation } from '../../model/reach/explanation.js'
import { printable } from '../printable.js'

/** No line end after the last line. */
export function explanationText({ from, to, address, sentence, cause, forward, back }: Explanation): string {
  const there = wayText(`${from} → ${to}${address === null || address === to ? '' : ` (${address})`}`, forward)
  const lines = [...there, ...wayText(`back to ${from}`, back), printable(sentence)]
  if (cause) lines.push(printable(`  ${cause.evidence}`))
  if (cause?.command) lines.push(printable(`mend it with: ${cause.command}`))
  return lines.join('\n')
}

function wayText(title: string, hops: readonly ExplainedHop[]): string[] {
  if (hops.length === 0) return []
  const lines = hops.flatMap(({ node, arrivesBy, leavesBy, gateway, findings }) => {
    const way = [
      ...(arrivesBy === null ? [] : [`in ${arrivesBy}`]),
      ...(leavesBy === null ? [] : [`out ${leavesBy}`]),
      ...(gateway === null ? [] : [`to ${gateway}`]),
    ]
    const said = findings.map(({ about, ok, text }) => `    ${ok ? '✓' : '✗'} ${about}: ${text}`)
    return [`  ${[node, way.join(', ')].filter((each) => each !== '').join('  ')}`, ...said]
  })
  return [title, ...lines, ''].map(printable)
}
