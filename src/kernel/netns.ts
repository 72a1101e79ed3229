// Runs a function in another network namespace and returns to the thread's own one, or ends the process.
import { closeSync, fstatSync, openSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError, LabError } from '../errors.js'
import { attempt } from './attempt.js'
import { CLONE_NEWNET, setns, unshare } from './libc.js'

/** Excludes promises: work that goes on after the function has returned would go on in the wrong namespace. */
export type Synchronous<T> = T extends PromiseLike<unknown> ? never : T

/** Opens the network namespace of a process (network_namespaces(7)). The caller closes the descriptor. @throws KernelError. */
export function openNetns(pid: number): number {
  const path = `/proc/${pid}/ns/net`
  return attempt('open namespace', path, () => openSync(path, 'r'))
}

/**
 * Opens a network namespace that a process has open as its descriptor `fd`. The caller closes the new descriptor. Any other
 * file is not refused here, but when it is entered, unless the inode is given.
 *
 * @param inode the inode that the namespace must have; undefined when it is not known
 * @throws KernelError; LabError STATE_REFUSED when it has another one
 */
export function openHeldNetns(pid: number, fd: number, inode: number | undefined): number {
  const path = `/proc/${pid}/fd/${fd}`
  const opened = attempt('open namespace', path, () => openSync(path, 'r'))
  if (inode === undefined || fstatSync(opened).ino === inode) return opened
  closeSync(opened)
  throw new LabError('STATE_REFUSED', `${path} is not the network namespace ${inode} that the lab's state names`, {
    hint: 'another command has changed the lab meanwhile, or its state was replaced: run this command once more',
  })
}

/**
 * Returns the thread to a namespace that it has left; aborts the process if the kernel refuses. To go on in the namespace of a
 * node could change the wrong network.
 *
 * @param home a descriptor of the namespace
 * @param kind its CLONE_NEW* bit
 */
export function returnOrAbort(home: number, kind: number): void {
  try {
    setns(home, kind, 'home namespace')
  } catch {
    process.abort()
  }
}

/** The network namespace that the thread returns to after each visit to another one. Disposing of it closes its descriptor. */
export class HomeNetns implements Disposable {
  constructor(private readonly home: number) {}

  /**
   * Runs `callback` in the network namespace that `fd` is open on, and returns. Aborts the process if it cannot return.
   *
   * @throws KernelError when the namespace cannot be entered, and whatever `callback` throws.
   */
  visit<T>(fd: number, callback: () => Synchronous<T>): T {
    setns(fd, CLONE_NEWNET, `descriptor ${fd}`)
    try {
      return callback()
    } finally {
      returnOrAbort(this.home, CLONE_NEWNET)
    }
  }

  /** Runs `callback` in a new network namespace, and returns. Aborts the process if it cannot return. @throws KernelError, as `visit` */
  visitFresh<T>(callback: () => Synchronous<T>): T {
    unshare(CLONE_NEWNET)
    try {
      return callback()
    } finally {
      returnOrAbort(this.home, CLONE_NEWNET)
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.home)
  }
}

/**
 * Opens the network namespace that the calling thread is in, as the one to return to. The caller disposes of it.
 *
 * @throws LabError PRIVILEGE_MISSING unless the caller is root of the user namespace that owns this network namespace: the
 * kernel would refuse the way back. KernelError.
 */
export function openHomeNetns(): HomeNetns {
  const path = '/proc/thread-self/ns/net'
  const home = attempt('open namespace', path, () => openSync(path, 'r'))
  try {
    setns(home, CLONE_NEWNET, path)
    return new HomeNetns(home)
  } catch (cause) {
    closeSync(home)
    if (!(cause instanceof KernelError && cause.errno === constants.errno.EPERM)) throw cause
    if (process.geteuid?.() === 0) {
      throw new LabError(
        'PRIVILEGE_MISSING',
        'this user namespace does not own the network namespace of this process',
        {
          cause,
          hint: 'run it in a network namespace of its own, as with `unshare -Urn`, or call enterUserNamespace() first thing in your program',
        },
      )
    }
    throw new LabError('PRIVILEGE_MISSING', 'entering the network of nodes needs root of their lab’s user namespace', {
      cause,
      hint: 'call enterUserNamespace() first thing in your program',
    })
  }
}

/** Whether the calling thread may leave its network namespace and return to it. */
export function ownsNetns(): boolean {
  try {
    openHomeNetns()[Symbol.dispose]()
    return true
  } catch (error) {
    if (error instanceof LabError && error.code === 'PRIVILEGE_MISSING') return false
    throw error
  }
}

/** Runs `callback` once in another network namespace. @throws as `openHomeNetns` and `HomeNetns.visit`. */
export function withNetns<T>(fd: number, callback: () => Synchronous<T>): T {
  using home = openHomeNetns()
  return home.visit(fd, callback)
}
