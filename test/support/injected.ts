// Runs nslab under the injector of the attacks, which sends it a signal at one of its system calls.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { makeTools } from '../chaos/jail/tools.mjs'
import { ROOT } from './root.js'

export interface Moment {
  call: string
  /** As the injector names it, with `#` for each number; a file of the lab's directory by its name. Absent: any. */
  object?: string
  nth: number
}

export class Injector implements Disposable {
  private readonly tools = makeTools()

  /** The signal is sent as the call begins. @throws Error when there was no such call */
  signalAt(
    { call, object, nth }: Moment,
    signal: NodeJS.Signals,
    words: readonly string[],
    { directory, stateDirectory }: { directory: string; stateDirectory: string },
  ): { status: number | null; stderr: string } {
    const hit = join(this.tools, 'hit')
    rmSync(hit, { force: true })
    const named = object?.includes('.json') ? join(directory, object).replaceAll(/[0-9]+/g, '#') : object
    const { status, stderr } = spawnSync(
      join(this.tools, 'inject'),
      [
        ...['--hit', hit, '--role', 'cli', '--call', call, '--nth', String(nth)],
        ...(named === undefined ? [] : ['--object', named]),
        ...['--signal', String(constants.signals[signal]), '--to', 'self'],
        ...['--', process.execPath, join(ROOT, 'bin/run.js'), ...words],
      ],
      { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', NSLAB_STATE_DIR: stateDirectory } },
    )
    if (!existsSync(hit) || readFileSync(hit, 'utf8') === '') throw new Error(`never called ${call}: ${stderr}`)
    return { status, stderr }
  }

  [Symbol.dispose](): void {
    rmSync(this.tools, { recursive: true })
  }
}
