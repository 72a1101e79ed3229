// A session with the keeper of a running lab: nodes are added through it, and end with it unless it commits.
import { closeSync, readSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError, LabError } from '../../errors.js'
import { attempt } from '../../kernel/attempt.js'
import { hasInput, socketpair } from '../../kernel/libc.js'
import { FIRST_FD, runShim } from '../../kernel/shim.js'
import type { FreshKeeper } from '../build/keeper.js'
import { keeperArguments, type ProcessIdentity } from '../who/process-identity.js'

/** A keeper answers in microseconds; one that is stopped, never. */
const PATIENCE_MS = 10_000
/** The answer to `list` has a number or a range of numbers, of at most 15 characters, for each node. */
const ANSWER_BYTES = 1 << 18

/** The owner disposes of it. Until `commit`, that ends the nodes that were made on it. */
export class KeeperSession implements Disposable {
  /** @param fd the client's end of the session's socket pair */
  private constructor(
    private readonly identity: ProcessIdentity,
    /** What the shim's verb `spawn` takes as `--creator`. */
    readonly fd: number,
  ) {}

  /**
   * @throws LabError STATE_REFUSED for the keeper of an older nslab; KernelError ESRCH for one that has ended, ETIMEDOUT for one that
   * is stopped, EPIPE for one that has as many sessions as may be; the signal's reason when aborted
   */
  static async open(keeper: ProcessIdentity, signal?: AbortSignal): Promise<KeeperSession> {
    const [own, keepers] = socketpair()
    try {
      await runShim({
        verb: 'session',
        args: [...keeperArguments(keeper), '--creator', String(FIRST_FD)],
        fds: [keepers],
        onReport: () => {},
        signal,
      }).catch(explain)
    } catch (error) {
      closeSync(own)
      throw error
    } finally {
      closeSync(keepers)
    }
    const session = new KeeperSession({ pid: keeper.pid, startTime: keeper.startTime }, own)
    try {
      session.answer()
      return session
    } catch (error) {
      session[Symbol.dispose]()
      throw error
    }
  }

  /** The keeper in the form in which `createNodes` takes it. */
  get keeper(): FreshKeeper {
    return { ...this.identity, creatorFd: this.fd }
  }

  /** From now on, the nodes that were made on the session outlive it. @throws KernelError when the keeper does not answer */
  commit(): void {
    this.ask('commit')
  }

  /**
   * Makes the keeper close descriptors of network namespaces that it holds, and remove the names in /run/netns that lead to them.
   * Numbers of which it holds none are passed over.
   *
   * @throws KernelError when the keeper does not answer
   */
  drop(numbers: readonly number[]): void {
    for (let at = 0; at < numbers.length; at += DROP_MAX)
      this.ask(['drop', ...numbers.slice(at, at + DROP_MAX)].join(' '))
  }

  /** The numbers of the network namespaces that the keeper holds, in ascending order. @throws as `drop` */
  list(): number[] {
    return this.ask('list')
      .split(' ')
      .filter((range) => range !== '')
      .flatMap((range) => {
        const [first = 0, last = first] = range.split('-').map(Number)
        return Array.from({ length: last - first + 1 }, (_, at) => first + at)
      })
  }

  [Symbol.dispose](): void {
    closeSync(this.fd)
  }

  private ask(request: string): string {
    attempt('ask', 'the keeper', () => writeSync(this.fd, request))
    return this.answer()
  }

  private answer(): string {
    if (!hasInput(this.fd, PATIENCE_MS)) throw unanswered(constants.errno.ETIMEDOUT)
    const answer = Buffer.alloc(ANSWER_BYTES)
    const length = attempt('ask', 'the keeper', () => readSync(this.fd, answer))
    // It has ended, or has as many sessions as may be.
    if (length === 0) throw unanswered(constants.errno.EPIPE)
    return answer.toString('latin1', 0, length)
  }
}

/** Numbers in one request, so that it is not longer than the keeper reads. */
const DROP_MAX = 16

const unanswered = (errno: number): KernelError =>
  new KernelError({ step: 'reach-keeper', operation: 'ask', target: 'the keeper', errno })

/** Opens a session; see `KeeperSession.open`. */
export const openSession = (keeper: ProcessIdentity, signal?: AbortSignal): Promise<KeeperSession> =>
  KeeperSession.open(keeper, signal)

function explain(cause: unknown): never {
  const isOld = cause instanceof KernelError && cause.step === 'reach-keeper' && cause.errno === constants.errno.EPROTO
  if (!isOld) throw cause
  throw new LabError('STATE_REFUSED', 'the lab was made by an older nslab, whose keeper takes no new nodes', {
    cause,
    hint: 'take the lab down and up again',
  })
}
