// Tells when files are saved, also by editors that write a new file and rename it: watches the directories that they are in.
import { type FSWatcher, statSync, watch } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { LabError, systemErrorText } from '../../errors.js'
import { limitHintFor } from '../../lab/run/limit-hints.js'

/** Several saves in a row, and the parts of one, count as one when they come within this time. */
const QUIET_MS = 100

/** The owner disposes of it. */
export class SavedFiles implements Disposable {
  private readonly watchers = new Map<string, FSWatcher>()
  /** The state of each file when it was read last, by its absolute path. */
  private readonly seen = new Map<string, string>()
  private timer: NodeJS.Timeout | null = null
  private isDue = false
  private waiter: (() => void) | null = null

  /**
   * Adds a file that is about to be read; it may be missing yet.
   *
   * @throws LabError LIMIT_TOO_LOW when the user may have no more inotify instances or watches
   */
  add(file: string): void {
    const path = resolve(file)
    this.seen.set(path, stampOf(path))
    const directory = dirname(path)
    if (!this.watchers.has(directory)) this.watch(directory)
  }

  /** Resolves when a file has been saved since it was added, and for a moment none has; false when the signal is aborted. */
  async next(signal: AbortSignal): Promise<boolean> {
    // A file may have been saved while it was read.
    if ([...this.seen].some(([path, stamp]) => stampOf(path) !== stamp)) this.touch()
    if (signal.aborted) return false
    await new Promise<void>((resolve) => {
      const settle = () => {
        signal.removeEventListener('abort', settle)
        this.waiter = null
        resolve()
      }
      this.waiter = settle
      signal.addEventListener('abort', settle)
      if (this.isDue) settle()
    })
    this.isDue = false
    // What is saved from now on comes after what is read now.
    for (const path of this.seen.keys()) this.seen.set(path, stampOf(path))
    return !signal.aborted
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timer ?? undefined)
    for (const watcher of this.watchers.values()) watcher.close()
    this.watchers.clear()
  }

  private watch(directory: string): void {
    try {
      const watcher = watch(directory)
      this.watchers.set(directory, watcher)
      watcher.on('change', (_, name) => this.take(directory, name))
      // The directory is gone; a file of it that is read again adds it again.
      watcher.on('error', () => this.watchers.delete(directory))
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException
      // Where there is no directory there is no file, which is told when it is read.
      if (code === 'ENOENT' || code === 'ENOTDIR') return
      const hint = limitHintFor(`inotify watch: ${systemErrorText(cause)}`)
      throw new LabError('LIMIT_TOO_LOW', `cannot watch ${directory}: ${systemErrorText(cause)}`, {
        cause,
        ...(hint === null ? {} : { hint }),
      })
    }
  }

  private take(directory: string, name: string | Buffer | null): void {
    const isMeant = [...this.seen.keys()].some((path) => dirname(path) === directory && basename(path) === String(name))
    if (isMeant) this.touch()
  }

  private touch(): void {
    clearTimeout(this.timer ?? undefined)
    this.timer = setTimeout(() => {
      this.isDue = true
      this.waiter?.()
    }, QUIET_MS)
  }
}

/** A text that is another one when a file has been written or replaced. */
function stampOf(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats ? `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeNs}` : ''
}
