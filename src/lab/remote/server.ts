// The helper process: makes the calls of its program, and takes down the labs that it has built when the program ends.
import { LabError } from '../../errors.js'
import type { NetworkCalls, StandingLab } from '../calls/network-calls.js'
import { endLab } from '../end/end-lab.js'
import { readState } from '../record/read-state.js'
import type { LabWatch } from '../watch/lab-watch.js'
import type { Answer, CallId, CallName, Request, SentLab, WatchAnswer, WatchRequest } from './messages.js'
import { putIn } from './options.js'
import { sentError } from './sent-error.js'

/** A call that is being made. */
interface Running {
  /** Ends it for another reason than its signals. */
  cancel: AbortController
  aborts: readonly AbortController[]
  /** Functions of the program that have not returned yet, by number. */
  returning: Map<number, (value: unknown) => void>
  done: Promise<void>
}

export class Server {
  private readonly running = new Map<CallId, Running>()
  private readonly watches = new Map<CallId, LabWatch>()
  /** Labs that end with the program, by the call that has built them. */
  private readonly held = new Map<CallId, StandingLab>()

  /** @param send resolves when the program has been sent the answer, or is gone */
  constructor(
    private readonly calls: NetworkCalls,
    private readonly send: (answer: Answer) => Promise<void>,
  ) {}

  take(request: Request): void {
    const running = this.running.get(request.id)
    switch (request.type) {
      case 'call':
        this.call(request)
        break
      case 'abort':
        running?.aborts[request.signal]?.abort(new LabError('INTERRUPTED', 'aborted'))
        break
      case 'cancel':
        running?.cancel.abort(new LabError('INTERRUPTED', 'cancelled'))
        break
      case 'returned':
        running?.returning.get(request.calling)?.(request.value)
        break
      case 'release':
        this.held.get(request.id)?.creator?.[Symbol.dispose]()
        this.held.delete(request.id)
        break
      case 'unwatch':
        void this.watches.get(request.id)?.return()
    }
  }

  /** Begins to watch a lab. */
  watch({ id, name, directory, options }: WatchRequest): WatchAnswer {
    try {
      const { state } = readState(directory)
      if (state === null) throw new LabError('LAB_NOT_FOUND', `lab ${name} is down`)
      const owner = process.geteuid?.() ?? 0
      const watch = this.calls.watch({ name, directory, state, owner, alive: true, damage: null }, options)
      this.watches.set(id, watch)
      void this.tell(id, watch)
      return { error: null }
    } catch (error) {
      return { error: sentError(error) }
    }
  }

  /** Ends what is under way, and takes down the labs that were to end with the program. */
  async close(): Promise<void> {
    const reason = new LabError('INTERRUPTED', 'the program has ended')
    for (const { cancel } of this.running.values()) cancel.abort(reason)
    await Promise.allSettled([...this.running.values()].map(({ done }) => done))
    await Promise.allSettled(
      [...this.held.values()].map(async ({ state, directory, creator }) => {
        const lab = { name: state.lab, directory, state, owner: process.geteuid?.() ?? 0, keeper: state.keeper }
        await endLab(lab, () => creator?.[Symbol.dispose]())
      }),
    )
  }

  private call({ id, name, args, functions, signals }: Extract<Request, { type: 'call' }>): void {
    const cancel = new AbortController()
    const aborts = signals.map(() => new AbortController())
    const returning: Running['returning'] = new Map()
    putIn(
      args.at(-1),
      signals.map((path, index) => ({ path, value: aborts[index]?.signal })),
    )
    addSignal(args.at(-1), cancel.signal)
    putIn(
      args.at(-1),
      functions.map((path, index) => ({ path, value: this.standIn(id, index, returning) })),
    )
    const done = this.answer(id, name, args, aborts).finally(() => this.running.delete(id))
    this.running.set(id, { cancel, aborts, returning, done })
  }

  private async answer(id: CallId, name: CallName, args: unknown[], aborts: readonly AbortController[]): Promise<void> {
    try {
      const made = this.calls[name] as (...args: unknown[]) => Promise<unknown>
      const value = await made(...args)
      await this.send({ type: 'result', id, value: name === 'build' ? this.holding(id, value as StandingLab) : value })
    } catch (error) {
      const aborted = aborts.findIndex(({ signal }) => signal.aborted && signal.reason === error)
      await this.send({ type: 'failure', id, error: sentError(error), aborted })
    }
  }

  private holding(id: CallId, lab: StandingLab): SentLab {
    if (lab.creator !== null) this.held.set(id, lab)
    return { state: lab.state, directory: lab.directory, isHeld: lab.creator !== null }
  }

  /** A function that has the program call its own. */
  private standIn(
    id: CallId,
    index: number,
    returning: Running['returning'],
  ): (...args: unknown[]) => Promise<unknown> {
    let last = 0
    return (...args) =>
      new Promise((resolve) => {
        const calling = last++
        returning.set(calling, (value) => {
          returning.delete(calling)
          resolve(value)
        })
        void this.send({ type: 'function', id, calling, index, args })
      })
  }

  /** Tells the program of each event once it has been sent the one before, so that events that it does not read wait in the watch. */
  private async tell(id: CallId, watch: LabWatch): Promise<void> {
    try {
      for await (const event of watch) await this.send({ type: 'event', id, event })
      await this.send({ type: 'result', id, value: undefined })
    } catch (error) {
      await this.send({ type: 'failure', id, error: sentError(error), aborted: -1 })
    } finally {
      this.watches.delete(id)
    }
  }
}

/** @param options the last argument of a call: one that can be aborted has options with a signal */
function addSignal(options: unknown, added: AbortSignal): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return
  const { signal } = options as { signal?: AbortSignal }
  Object.assign(options, { signal: AbortSignal.any(signal ? [signal, added] : [added]) })
}
