// Limits how many commands run side by side: each takes descriptors and a process of the native helper.

/** The number of commands that run side by side; others wait for their turn. */
const SIDE_BY_SIDE = 32

export class Slots {
  private free = SIDE_BY_SIDE
  private readonly waiting: (() => void)[] = []

  /** Runs an action when there is room, in the order of the calls. */
  async run<T>(action: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--
    else await new Promise<void>((resolve) => this.waiting.push(resolve))
    try {
      return await action()
    } finally {
      const next = this.waiting.shift()
      if (next) next()
      else this.free++
    }
  }
}
