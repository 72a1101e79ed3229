// Tells when another command has written the state of a lab, or has paused or resumed nodes of it (inotify(7)).
import { type FSWatcher, watch } from 'node:fs'
import { KernelError } from '../../errors.js'
import { attempt } from '../../kernel/attempt.js'
import { limitHintFor } from '../run/limit-hints.js'

/** The owner disposes of it. */
export class LabDirectoryWatch implements Disposable {
  private readonly watcher: FSWatcher
  private readonly due = new Set<string>()

  /** @param onChange called with the name of a file, once for changes that come together @throws KernelError */
  constructor(directory: string, onChange: (name: string) => void, onError: (error: unknown) => void) {
    this.watcher = withHint(() => attempt('watch', directory, () => watch(directory)))
    this.watcher.on('error', onError)
    this.watcher.on('change', (_, name) => {
      if (typeof name !== 'string' || this.due.has(name)) return
      this.due.add(name)
      setImmediate(() => {
        if (this.due.delete(name)) onChange(name)
      })
    })
  }

  [Symbol.dispose](): void {
    this.due.clear()
    this.watcher.close()
  }
}

function withHint<T>(action: () => T): T {
  try {
    return action()
  } catch (error) {
    const hint = error instanceof KernelError ? limitHintFor(`inotify watch: ${error.message}`) : null
    if (!(error instanceof KernelError) || hint === null) throw error
    const { operation, target, errno } = error
    throw new KernelError({ operation, target, errno, hint }, { cause: error })
  }
}
