// The text of a change: what differs between a topology and a running lab, a line each, grouped by node, links apart.
import type { Difference, DifferenceKind, LabChange } from '../../model/change/lab-change.js'
import type { Palette } from '../fault.js'
import { printable } from '../printable.js'
import { greatest, widthOf, wrap } from '../table-layout.js'

const SIGNS: Readonly<Record<DifferenceKind, string>> = { add: '+', remove: '−', change: '~', foreign: '?' }
const LINKS = 'links'
/** Before the sign, and before further lines of one difference. */
const INDENT = '  '
const FURTHER = '      '
const GAP = 2

/**
 * A heading for each node, its differences below; without a line end after the last line. Of nothing, one sentence.
 *
 * @param columns the greatest width of a line, unless one word is longer
 */
export function changeText(
  { lab, equal, differences }: LabChange,
  palette: Palette,
  columns = Number.POSITIVE_INFINITY,
): string {
  const groups = new Map<string | null, Difference[]>()
  for (const each of differences) {
    const group = groups.get(each.node)
    if (group) group.push(each)
    else groups.set(each.node, [each])
  }
  // Links come first: most of what nodes get hangs on them.
  const links = groups.get(null)
  groups.delete(null)
  const sections = [...(links ? [[LINKS, links] as const] : []), ...groups]
  const parts = greatest(differences, 0, ({ part }) => widthOf(printable(part)))
  const lines = sections.flatMap(([heading, own]) => [
    palette.bold(printable(heading ?? LINKS)),
    ...own.flatMap((each) => linesOf(each, parts, palette, columns)),
  ])
  return [...lines, ...(equal ? [`The lab ${printable(lab)} is as the file says.`] : [])].join('\n')
}

function linesOf(difference: Difference, parts: number, palette: Palette, columns: number): string[] {
  const { kind, part } = difference
  const head = `${SIGNS[kind]} ${printable(part)}${' '.repeat(parts - widthOf(printable(part)) + GAP)}`
  const [first = '', ...further] = wrap(head + printable(textOf(difference)), columns - FURTHER.length)
  const style = kind === 'remove' ? palette.red : kind === 'foreign' ? palette.dim : (text: string) => text
  return [INDENT + style(first), ...further.map((line) => FURTHER + style(line))]
}

function textOf({ kind, name, from, to, note }: Difference): string {
  const value = valueText(kind, from, to)
  return `${name}${value === '' ? '' : `: ${value}`}${note === undefined ? '' : ` (${note})`}`
}

function valueText(kind: DifferenceKind, from = '', to = ''): string {
  switch (kind) {
    case 'add':
      return to
    case 'remove':
    case 'foreign':
      return from
    case 'change':
      return from === '' || to === '' ? from + to : `${from} → ${to}`
  }
}
