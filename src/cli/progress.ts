// Progress as one line on stderr, which is erased in the end. Nothing is written when stderr is not a terminal.
import type { Progress } from '../lab/build/up.js'

const WORDS: Record<Progress['stage'], string> = {
  nodes: 'creating nodes',
  configuration: 'configuring',
  commands: 'commands run',
}
/** Drawing a line takes longer than creating a node, so not every node is drawn. */
const REDRAW_MS = 50

export class ProgressLine implements Disposable {
  private drawnAt = 0
  private readonly shown = process.stderr.isTTY === true

  update({ stage, done, total }: Progress): void {
    if (!this.shown) return
    const now = Date.now()
    if (done > 0 && now - this.drawnAt < REDRAW_MS) return
    this.drawnAt = now
    const count = done > 0 ? `${done}/${total}` : String(total)
    process.stderr.write(`\r\x1b[K${WORDS[stage]} ${count} …`)
  }

  [Symbol.dispose](): void {
    if (this.drawnAt > 0) process.stderr.write('\r\x1b[K')
  }
}
