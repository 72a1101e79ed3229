// Descriptors of processes (pidfd_open(2)), which tell when these end.
import { closeSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError } from '../../errors.js'
import { pidfdOpen } from '../../kernel/libc.js'
import type { Readiness } from '../../kernel/readiness/readiness.js'
import { isRunning, type ProcessIdentity } from '../who/process-identity.js'

/** Calls `onEnd` once when its process ends. The owner disposes of it. */
export class ProcessWatch implements Disposable {
  private constructor(
    private fd: number | null,
    private readonly readiness: Readiness,
  ) {}

  /** null when the process has ended already. @throws KernelError */
  static open(identity: ProcessIdentity, readiness: Readiness, onEnd: () => void): ProcessWatch | null {
    const fd = openPidfd(identity.pid)
    if (fd === null) return null
    // Another process may have got the PID before the descriptor was opened.
    if (!isRunning(identity)) {
      closeSync(fd)
      return null
    }
    const watch = new ProcessWatch(fd, readiness)
    readiness.add(fd, () => {
      watch[Symbol.dispose]()
      onEnd()
    })
    return watch
  }

  [Symbol.dispose](): void {
    if (this.fd === null) return
    this.readiness.remove(this.fd)
    closeSync(this.fd)
    this.fd = null
  }
}

function openPidfd(pid: number): number | null {
  try {
    return pidfdOpen(pid)
  } catch (error) {
    if (error instanceof KernelError && error.errno === constants.errno.ESRCH) return null
    throw error
  }
}
