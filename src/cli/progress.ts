// Progress as one line on stderr, which is erased in the end. Where stderr is not a terminal, only what takes long is said.
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
/** The same for a reader of a log, who has no use for a line about a command that returns soon. */
const LONG_IN_LOG_MS = 5000
/** Fewer characters of a command would not tell which one it is. */
const LEAST_COMMAND = 10
const REMEDY = 'start a daemon with &'

export class ProgressLine implements Disposable {
  private drawnAt = 0
  private readonly shown = process.stderr.isTTY === true

  private timer: NodeJS.Timeout | undefined

  update({ stage, done, total, running }: Progress): void {
    clearTimeout(this.timer)
    if (running) this.timer = setTimeout(() => this.name(running), this.shown ? LONG_MS : LONG_IN_LOG_MS).unref()
    this.count(WORDS[stage], done, total)
  }

  /** Draws how much is done of what `words` says. */
  count(words: string, done: number, total: number): void {
    if (!this.shown) return
    const now = Date.now()
    if (done > 0 && now - this.drawnAt < REDRAW_MS) return
    this.drawnAt = now
    const text = done > 0 ? `${done}/${total}` : String(total)
    process.stderr.write(`\r\x1b[K${words} ${text} …`)
  }

  /** Names the command that `up` waits for, in one line. */
  private name({ node, line }: { node: string; line: string }): void {
    if (this.shown) {
      this.drawnAt = Date.now()
      process.stderr.write(`\r\x1b[K${waitingText(node, line, (process.stderr.columns || 80) - 1)}`)
    } else process.stderr.write(`nslab: note: ${waitingText(node, line)}\n`)
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timer)
    if (this.drawnAt > 0) process.stderr.write('\r\x1b[K')
  }
}

/**
 * Which command `up` waits for, and what to do when it never returns. In few columns the command is cut, then left out.
 *
 * @param columns the greatest width
 */
export function waitingText(node: string, line: string, columns = Number.POSITIVE_INFINITY): string {
  const [command, tail] = [printable(line), `\` in ${node}; ${REMEDY}`]
  const room = columns - 'waiting for `'.length - tail.length
  if (command.length <= room) return `waiting for \`${command}${tail}`
  if (room >= LEAST_COMMAND) return `waiting for \`${command.slice(0, room - 1)}…${tail}`
  const short = `waiting for ${node}; ${REMEDY}`
  return short.length <= columns ? short : REMEDY.slice(0, columns)
}
