// Progress as one line on stderr, which is erased in the end. Nothing is written when stderr is not a terminal.
import type { Progress } from '../lab/build/up.js'
import { printable } from '../present/printable.js'

const WORDS: Record<Progress['stage'], string> = {
  nodes: 'creating nodes',
  configuration: 'configuring',
  commands: 'commands run',
}
/** Drawing a line takes longer than creating a node, so not every node is drawn. */
const REDRAW_MS = 50
/** A command of a node that has not returned after this time is named. */
const LONG_MS = 1000
const DAEMON_REMEDY = 'a daemon belongs in the background: COMMAND &'

export class ProgressLine implements Disposable {
  private drawnAt = 0
  private readonly shown = process.stderr.isTTY === true

  private timer: NodeJS.Timeout | undefined

  update({ stage, done, total, running }: Progress): void {
    if (!this.shown) return
    clearTimeout(this.timer)
    if (running) this.timer = setTimeout(() => this.name(running), LONG_MS).unref()
    const now = Date.now()
    if (done > 0 && now - this.drawnAt < REDRAW_MS) return
    this.drawnAt = now
    const count = done > 0 ? `${done}/${total}` : String(total)
    process.stderr.write(`\r\x1b[K${WORDS[stage]} ${count} …`)
  }

  /** Names the command that `up` waits for, in one line of the terminal. */
  private name({ node, line }: { node: string; line: string }): void {
    const text = `waiting for \`${printable(line)}\` in ${node} to return …; ${DAEMON_REMEDY}`
    this.drawnAt = Date.now()
    process.stderr.write(`\r\x1b[K${shortened(text, (process.stderr.columns || 80) - 1)}`)
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timer)
    if (this.drawnAt > 0) process.stderr.write('\r\x1b[K')
  }
}

/** The beginning of a text, and its end, which has the remedy, in this many columns. */
function shortened(text: string, columns: number): string {
  if (text.length <= columns) return text
  const tail = text.slice(text.lastIndexOf('` in '))
  const room = columns - tail.length - 1
  return room > 20 ? `${text.slice(0, room)}…${tail}` : `${text.slice(0, columns - 1)}…`
}
