// The text of `plan`: one operation a line, with its command; on a terminal, commands continue on further lines as in a shell.
import { printable } from './printable.js'
import { widthOf } from './table-layout.js'

const OPERATION_WIDTH = 14
const CONTINUED = ' \\'

/** @param columns the greatest width of a line, unless one word of a command is longer */
export function planText(ops: readonly { op: string; command: string }[], columns = Number.POSITIVE_INFINITY): string {
  return ops
    .flatMap(({ op, command }) =>
      commandLines(printable(command), columns - OPERATION_WIDTH).map(
        (line, index) => (index === 0 ? op : '').padEnd(OPERATION_WIDTH) + line,
      ),
    )
    .join('\n')
}

/** The command in lines that a shell reads as the same command: they end with a backslash, between two words. */
function commandLines(command: string, width: number): string[] {
  if (widthOf(command) <= width) return [command]
  const lines: string[] = []
  let line = ''
  for (const word of command.match(/(?:'[^']*'|[^ '])+/g) ?? []) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && widthOf(longer) + CONTINUED.length > width) {
      lines.push(line + CONTINUED)
      line = word
    } else line = longer
  }
  return [...lines, line]
}
