// Tells when descriptors of any kind are ready, from the event loop and without asking again and again: netlink sockets have data,
// processes have ended (pidfd_open(2)). All of them are in one epoll instance, which the event loop watches.
import { closeSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { LabError } from '../../errors.js'
import { readinessCalls } from './calls.js'

/** sys/epoll.h */
const EPOLL_CTL_ADD = 1
const EPOLL_CTL_DEL = 2
const EPOLLIN = 1
/** Events that one turn of the event loop takes. */
const BATCH = 64
/** struct epoll_event is packed on x86-64 alone. */
const DATA = process.arch === 'x64' ? 4 : 8
const EVENT_LENGTH = DATA + 8

/** It keeps the event loop alive. The owner disposes of it, and closes the descriptors after that. */
export class Readiness implements Disposable {
  private readonly epoll: number
  private readonly stop: () => void
  private readonly events = Buffer.alloc(BATCH * EVENT_LENGTH)
  private readonly handlers = new Map<number, () => void>()
  private readonly ids = new Map<number, number>()
  private nextId = 1
  private isClosed = false

  /**
   * @param onError called with what a handler throws
   * @throws LabError USAGE in a worker thread, which has an event loop of its own; KernelError
   */
  constructor(private readonly onError: (error: unknown) => void) {
    if (!isMainThread) throw new LabError('USAGE', 'labs can be watched from the main thread alone')
    const { epollCreate, poll } = readinessCalls()
    this.epoll = epollCreate()
    // libuv calls from outside of JavaScript's turns: newer versions of Node.js run no promises after such a call. The
    // immediate is a turn of its own, in the same iteration of the event loop.
    this.stop = poll(this.epoll, () => setImmediate(() => this.take()))
  }

  /** Calls `handler` as long as the descriptor is readable. @throws KernelError */
  add(fd: number, handler: () => void): void {
    const id = this.nextId++
    this.control(EPOLL_CTL_ADD, fd, id)
    this.handlers.set(id, handler)
    this.ids.set(fd, id)
  }

  /** Ends that; before the descriptor is closed. */
  remove(fd: number): void {
    const id = this.ids.get(fd)
    if (id === undefined) return
    this.ids.delete(fd)
    this.handlers.delete(id)
    this.control(EPOLL_CTL_DEL, fd, id)
  }

  [Symbol.dispose](): void {
    if (this.isClosed) return
    this.isClosed = true
    this.handlers.clear()
    this.stop()
    closeSync(this.epoll)
  }

  private control(operation: number, fd: number, id: number): void {
    const event = Buffer.alloc(EVENT_LENGTH)
    event.writeUInt32LE(EPOLLIN, 0)
    event.writeUInt32LE(id, DATA)
    readinessCalls().epollControl(this.epoll, operation, fd, event)
  }

  private take(): void {
    if (this.isClosed) return
    try {
      const count = readinessCalls().epollWait(this.epoll, this.events, BATCH)
      const ids = Array.from({ length: count }, (_, at) => this.events.readUInt32LE(at * EVENT_LENGTH + DATA))
      // A handler may remove others, and dispose of this.
      for (const id of ids) this.handlers.get(id)?.()
    } catch (error) {
      this.onError(error)
    }
  }
}
