// Doing something in another network namespace: there, and certainly back.
import { closeSync, openSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError, LabError } from '../errors.js'
import { attempt } from './attempt.js'
import { CLONE_NEWNET, setns } from './libc.js'

/** A result that is there when the function returns. Work that goes on later would go on in the wrong namespace. */
export type Synchronous<T> = T extends PromiseLike<unknown> ? never : T

/** Opens a process's network namespace (network_namespaces(7)). The caller closes it. @throws KernelError. */
export function openNetns(pid: number): number {
  const path = `/proc/${pid}/ns/net`
  return attempt('open namespace', path, () => openSync(path, 'r'))
}

/** The same of one that a process holds as a descriptor; what is not one of a network is refused when it is entered. */
export function openHeldNetns(pid: number, fd: number): number {
  const path = `/proc/${pid}/fd/${fd}`
  return attempt('open namespace', path, () => openSync(path, 'r'))
}

/** Back to a namespace that the thread has left. Running on in another node's is never survivable. */
export function goHome(home: number, kind: number): void {
  try {
    setns(home, kind, 'home namespace')
  } catch {
    process.abort()
  }
}

/** Remembers the namespace the thread is in, so that it can come back from many others. */
export class NetnsSwitch implements Disposable {
  constructor(private readonly home: number) {}

  /**
   * Runs `callback` in the namespace of an open descriptor. Not getting back ends the process: running on in the wrong
   * namespace is never survivable.
   *
   * @throws KernelError when the namespace cannot be entered, and whatever `callback` throws.
   */
  in<T>(fd: number, callback: () => Synchronous<T>): T {
    setns(fd, CLONE_NEWNET, `descriptor ${fd}`)
    try {
      return callback()
    } finally {
      goHome(this.home, CLONE_NEWNET)
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.home)
  }
}

/**
 * A switch that comes back to the calling thread's present namespace. The caller disposes of it.
 *
 * @throws LabError PRIVILEGE_MISSING for anybody but root of the user namespace that the present network belongs to:
 * there would be no way back. KernelError.
 */
export function openHomeNetns(): NetnsSwitch {
  const path = '/proc/thread-self/ns/net'
  const home = attempt('open namespace', path, () => openSync(path, 'r'))
  try {
    setns(home, CLONE_NEWNET, path)
    return new NetnsSwitch(home)
  } catch (cause) {
    closeSync(home)
    if (!(cause instanceof KernelError && cause.errno === constants.errno.EPERM)) throw cause
    if (process.geteuid?.() === 0) {
      throw new LabError('PRIVILEGE_MISSING', 'root here is not root over the network namespace it is in', {
        cause,
        hint: 'run it in one of its own, as in `unshare -Urn`, or call enterUserNamespace() first thing in your program',
      })
    }
    throw new LabError('PRIVILEGE_MISSING', 'entering the network of nodes needs root of their lab’s user namespace', {
      cause,
      hint: 'call enterUserNamespace() first thing in your program',
    })
  }
}

/** Whether the calling thread may leave its network namespace, and come back. */
export function ownsNetns(): boolean {
  try {
    openHomeNetns()[Symbol.dispose]()
    return true
  } catch {
    return false
  }
}

/** Runs `callback` once in another network namespace. @throws as `NetnsSwitch.in`. */
export function withNetns<T>(fd: number, callback: () => Synchronous<T>): T {
  using home = openHomeNetns()
  return home.in(fd, callback)
}
