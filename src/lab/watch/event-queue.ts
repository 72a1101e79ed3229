// Events that wait for their reader. A reader that is too slow finds out how many were dropped, where they were dropped.
import type { LabEvent } from '../../model/lab-event.js'

/** About 20 MB of events. */
const MAX_WAITING = 32_768

export class EventQueue {
  private waiting: LabEvent[] = []
  /** The first that was not taken yet. */
  private at = 0
  private dropped = 0
  private ending: { error: unknown } | 'end' | null = null
  private reader: { resolve: (result: IteratorResult<LabEvent>) => void; reject: (error: unknown) => void } | null =
    null

  constructor(private readonly max = MAX_WAITING) {}

  push(event: LabEvent): void {
    if (this.ending) return
    if (this.waiting.length - this.at >= this.max) {
      this.dropped++
      return
    }
    this.tellDropped()
    this.waiting.push(event)
    this.serve()
  }

  /** The reader gets what waits, and then the end, or an error. */
  end(last?: LabEvent, error?: unknown): void {
    if (this.ending) return
    this.tellDropped()
    if (last) this.waiting.push(last)
    this.ending = error === undefined ? 'end' : { error }
    this.serve()
  }

  /** Drops what waits; the reader gets the end. */
  close(): void {
    this.waiting = []
    this.at = 0
    this.ending = 'end'
    this.serve()
  }

  next(): Promise<IteratorResult<LabEvent>> {
    return new Promise((resolve, reject) => {
      this.reader = { resolve, reject }
      this.serve()
    })
  }

  private serve(): void {
    const { reader } = this
    if (!reader) return
    const event = this.waiting[this.at]
    if (!event && !this.ending) return
    this.reader = null
    if (event) {
      this.advance()
      reader.resolve({ done: false, value: event })
    } else if (this.ending === 'end') reader.resolve({ done: true, value: undefined })
    else {
      const { error } = this.ending as { error: unknown }
      this.ending = 'end'
      reader.reject(error)
    }
  }

  /** Moves on, and moves what is left to the beginning from time to time. */
  private advance(): void {
    this.at++
    if (this.at * 2 < this.waiting.length) return
    this.waiting = this.waiting.slice(this.at)
    this.at = 0
  }

  private tellDropped(): void {
    if (this.dropped === 0) return
    const at = new Date().toISOString()
    this.waiting.push({ at, event: 'lost', action: 'behind', node: null, count: this.dropped })
    this.dropped = 0
  }
}
