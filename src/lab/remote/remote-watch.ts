// The events of a lab that a helper process watches.
import type { LabEvent } from '../../model/lab-event.js'
import type { RunningLab } from '../record/select.js'
import { EventQueue } from '../watch/event-queue.js'
import type { LabWatch, WatchOptions } from '../watch/lab-watch.js'
import type { HelperProcess, Listener } from './helper-process.js'
import type { Answer, CallId } from './messages.js'
import { receivedError } from './sent-error.js'

export class RemoteWatch implements LabWatch, Listener {
  private readonly queue = new EventQueue()
  private readonly id: CallId
  private readonly place = new Error()
  private readonly signal: AbortSignal | undefined

  /** Blocks until the helper watches the lab. @throws as `watchLab` */
  constructor(
    private readonly helper: HelperProcess,
    { name, directory }: RunningLab,
    { signal, ...options }: WatchOptions,
  ) {
    this.signal = signal
    this.id = helper.listen(this)
    try {
      helper.beginWatch({ id: this.id, name, directory, options })
    } catch (error) {
      helper.leave(this.id)
      throw error
    }
    signal?.addEventListener('abort', this.stop)
    if (signal?.aborted) this.stop()
  }

  take(answer: Answer): void {
    switch (answer.type) {
      case 'event':
        this.queue.push(answer.event)
        break
      case 'result':
        this.leave()
        this.queue.end()
        break
      case 'failure':
        this.fail(receivedError(answer.error, this.place))
        break
      case 'function': // of calls alone
    }
  }

  fail(error: unknown): void {
    this.leave()
    this.queue.end(undefined, error)
  }

  next(): Promise<IteratorResult<LabEvent>> {
    return this.queue.next()
  }

  /** Ends the watch in the helper too. */
  return(): Promise<IteratorResult<LabEvent>> {
    this.stop()
    return Promise.resolve({ done: true, value: undefined })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  private readonly stop = (): void => {
    this.helper.send({ type: 'unwatch', id: this.id })
    this.leave()
    this.queue.close()
  }

  private leave(): void {
    this.signal?.removeEventListener('abort', this.stop)
    this.helper.leave(this.id)
  }
}
