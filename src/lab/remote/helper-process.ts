// A helper process, as the program sees it that has started it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, readSync, writeSync } from 'node:fs'
import { failedCall, KernelError, LabError } from '../../errors.js'
import { attempt } from '../../kernel/attempt.js'
import { pipe, tryThreads } from '../../kernel/libc.js'
import { packagePath, shimPath } from '../../kernel/shim-path.js'
import { explainRefusal } from '../build/refusal-hints.js'
import { findKeepers, KEEPERS_VARIABLE } from '../record/find-keeper.js'
import { outerEnvironment, rootlessArguments } from '../who/outer-namespace.js'
import type { ProcessIdentity } from '../who/process-identity.js'
import type { Answer, CallId, Request, WatchAnswer, WatchRequest } from './messages.js'
import { receivedError } from './sent-error.js'

/** A program often makes its next lab soon, and starting a helper takes longer than building a small lab. */
const IDLE_MS = 1000

/** Node.js has eleven before it runs a program. One that gets fewer may hang, so that nobody would end it. */
const THREADS_OF_NODEJS = 12

/** One who waits for answers of the helper. */
export interface Listener {
  take(answer: Answer): void
  /** The helper has ended. */
  fail(error: unknown): void
}

/**
 * Runs as root of an outer user namespace until nobody uses it for a while, or this program has ended. It keeps the event loop alive
 * only while somebody waits for an answer.
 */
export class HelperProcess {
  private readonly listeners = new Map<CallId, Listener>()
  /** The number of labs that it keeps alive. */
  private labs = 0
  private lastId = 0
  private idle: NodeJS.Timeout | undefined
  /** Whether it has not ended, and is not about to. */
  isOpen = true

  /** @param requests writes watch requests, @param replies reads their answers; both block */
  private constructor(
    private readonly child: ChildProcess,
    private readonly requests: number,
    private readonly replies: number,
  ) {
    child.on('message', (answer: Answer) => this.listeners.get(answer.id)?.take(answer))
    void this.awaitEnd()
    this.update()
  }

  /**
   * @param keeper of the lab whose outer user namespace it joins; null for a new one
   * @throws LabError LIMIT_TOO_LOW for too few processes; KernelError when it cannot be started
   */
  static start(keeper: ProcessIdentity | null): HelperProcess {
    requireThreads()
    const [requestsOfChild, requests] = pipe()
    const [replies, repliesOfChild] = pipe()
    try {
      // Options of Node.js in the environment are for the program, as --import and NODE_V8_COVERAGE.
      const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('NODE_')))
      const env = { ...outerEnvironment(keeper, own), [KEEPERS_VARIABLE]: JSON.stringify(findKeepers()) }
      const child = spawn(shimPath(), rootlessArguments(keeper, [process.execPath, packagePath('dist/helper.js')]), {
        stdio: [requestsOfChild, repliesOfChild, 'inherit', 'ipc'],
        serialization: 'advanced',
        env,
        detached: true, // Ctrl-C reaches only this program, which may still need its labs
      })
      return new HelperProcess(child, requests, replies)
    } catch (cause) {
      for (const fd of [requests, replies]) closeSync(fd)
      throw failedCall(cause) ?? cause
    } finally {
      closeSync(requestsOfChild)
      closeSync(repliesOfChild)
    }
  }

  /** Adds one who waits for answers with the id that is returned. */
  listen(listener: Listener): CallId {
    const id = ++this.lastId
    this.listeners.set(id, listener)
    this.update()
    return id
  }

  /** The listener with this id waits for no more answers. */
  leave(id: CallId): void {
    this.listeners.delete(id)
    this.update()
  }

  send(request: Request): void {
    // Where the channel is closed, the helper has ended, which listeners are told.
    if (this.child.connected) this.child.send(request, () => {})
  }

  /** Keeps the helper running, although nobody waits for an answer, for the lab that a call has built. */
  hold(id: CallId): Disposable {
    let isHeld = true
    this.labs++
    this.update()
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return
        isHeld = false
        this.labs--
        this.send({ type: 'release', id })
        this.update()
      },
    }
  }

  /** Has the helper begin a watch, and blocks until it has. @throws what the helper throws */
  beginWatch(request: WatchRequest): void {
    const { error } = JSON.parse(this.exchange(`${JSON.stringify(request)}\n`)) as WatchAnswer
    if (error !== null) throw receivedError(error, new Error())
  }

  private exchange(line: string): string {
    const chunk = Buffer.alloc(1 << 16)
    const answer: Buffer[] = []
    attempt('write', 'the helper process', () => writeSync(this.requests, line))
    do {
      const length = attempt('read', 'the helper process', () => readSync(this.replies, chunk))
      if (length === 0) throw ended('before it answered')
      answer.push(Buffer.from(chunk.subarray(0, length)))
    } while (answer.at(-1)?.at(-1) !== '\n'.charCodeAt(0))
    return Buffer.concat(answer).toString()
  }

  /** Keeps the event loop alive, or lets it end; ends the helper when nobody uses it. */
  private update(): void {
    clearTimeout(this.idle)
    if (!this.isOpen) return
    if (this.listeners.size > 0) {
      this.child.ref()
      this.child.channel?.ref()
      return
    }
    this.child.unref()
    this.child.channel?.unref()
    if (this.labs === 0) this.idle = setTimeout(() => this.end(), IDLE_MS).unref()
  }

  private end(): void {
    this.isOpen = false
    if (this.child.connected) this.child.disconnect()
  }

  private async awaitEnd(): Promise<void> {
    const { child } = this
    // What it has said before it ended comes first. A helper that cannot be started says nothing.
    const disconnected = child.connected ? once(child, 'disconnect').catch(() => {}) : null
    const failure = await once(child, 'exit').then(
      ([status, signal]) => ended(signal === null ? `with status ${status}` : `by ${signal}`),
      (cause: NodeJS.ErrnoException) =>
        explainRefusal(
          new KernelError(
            { step: 'start-shim', operation: 'start', target: 'the helper process', errno: -(cause.errno ?? 0) },
            { cause },
          ),
        ),
    )
    await disconnected
    this.isOpen = false
    closeSync(this.requests)
    closeSync(this.replies)
    for (const listener of this.listeners.values()) listener.fail(failure)
    this.listeners.clear()
    clearTimeout(this.idle)
  }
}

function requireThreads(): void {
  try {
    tryThreads(THREADS_OF_NODEJS)
  } catch (error) {
    throw explainRefusal(error)
  }
}

const ended = (how: string): LabError =>
  new LabError('INTERRUPTED', `the helper process that works in the networks of labs has ended ${how}`, {
    hint: 'labs that it has built without `persist` are down; if nobody has ended it, `dmesg` may say that memory ran out',
  })
