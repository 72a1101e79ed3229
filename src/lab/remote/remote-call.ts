// One call that a helper process makes for this program.
import type { HelperProcess, Listener } from './helper-process.js'
import type { Answer, CallId, CallName } from './messages.js'
import { type TakenApart, takenApart } from './options.js'
import { receivedError } from './sent-error.js'

export class RemoteCall implements Listener {
  readonly id: CallId
  /**
   * Rejects with what the call has thrown, the reason of a signal that was aborted, what a function among the options has thrown, and
   * LabError INTERRUPTED when the helper has ended.
   */
  readonly result: Promise<unknown>
  private settle: { resolve: (value: unknown) => void; reject: (error: unknown) => void }
  private readonly options: TakenApart
  /** Where the call was made. */
  private readonly place = new Error()
  /** What a function among the options has thrown. */
  private thrown: { error: unknown } | null = null

  /** Makes a call, whose functions and signals in the last argument stay here. */
  constructor(
    private readonly helper: HelperProcess,
    name: CallName,
    args: readonly unknown[],
  ) {
    Error.captureStackTrace(this.place, RemoteCall)
    this.settle = { resolve: () => {}, reject: () => {} }
    this.options = takenApart(args.at(-1))
    const { data, functions, signals } = this.options
    this.id = helper.listen(this)
    const { id } = this
    const listeners = signals.map(({ value }, signal) => ({
      value,
      abort: () => helper.send({ type: 'abort', id, signal }),
    }))
    for (const { value, abort } of listeners) value.addEventListener('abort', abort, { once: true })
    this.result = new Promise((resolve, reject) => {
      this.settle = { resolve, reject }
    }).finally(() => {
      helper.leave(id)
      for (const { value, abort } of listeners) value.removeEventListener('abort', abort)
    })
    const pathsOf = (taken: readonly { path: readonly string[] }[]) => taken.map(({ path }) => path)
    const sent = { name, args: [...args.slice(0, -1), data], functions: pathsOf(functions), signals: pathsOf(signals) }
    try {
      helper.send({ type: 'call', id, ...sent })
    } catch (error) {
      this.settle.reject(error) // an argument is no data
    }
    for (const { value, abort } of listeners) if (value.aborted) abort()
  }

  take(answer: Answer): void {
    switch (answer.type) {
      case 'function':
        void this.callFunction(answer)
        break
      case 'result':
        // The call was made although it was cancelled.
        if (this.thrown) this.helper.send({ type: 'release', id: this.id })
        this.end(() => this.settle.resolve(answer.value))
        break
      case 'failure':
        this.end(() => this.settle.reject(this.errorOf(answer)))
        break
      case 'event': // of watches alone
    }
  }

  fail(error: unknown): void {
    this.end(() => this.settle.reject(error))
  }

  private end(settle: () => void): void {
    if (this.thrown) this.settle.reject(this.thrown.error)
    else settle()
  }

  private errorOf({ error, aborted }: Extract<Answer, { type: 'failure' }>): unknown {
    const signal = this.options.signals[aborted]
    return signal ? signal.value.reason : receivedError(error, this.place)
  }

  private async callFunction({ index, calling, args }: Extract<Answer, { type: 'function' }>): Promise<void> {
    const { id } = this
    try {
      const value = await this.options.functions[index]?.value(...args)
      this.helper.send({ type: 'returned', id, calling, value })
    } catch (error) {
      this.thrown ??= { error }
      this.helper.send({ type: 'cancel', id })
    }
  }
}
