// `nslab watch --json` beside a test: its events, as they come.
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { ROOT } from './root.js'
import type { TestUser } from './user.js'

const TIMEOUT_MS = 20_000

export interface WatchingOptions {
  env: NodeJS.ProcessEnv
  args?: readonly string[]
  /** Who runs the command; root by default. */
  user?: TestUser
}

/** The owner disposes of it, which ends the command. */
export class Watching implements Disposable {
  readonly events: any[] = []
  readonly process: ChildProcess
  readonly ended: Promise<number | null>
  stderr = ''

  private constructor({ env, args = [], user }: WatchingOptions) {
    const words = [join(user?.checkoutPath ?? ROOT, 'bin/run.js'), 'watch', '--json', ...args]
    const credentials = user ? { uid: user.uid, gid: user.gid } : {}
    this.process = spawn(process.execPath, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: '/',
      env: { PATH: process.env.PATH, NO_COLOR: '1', ...env },
      ...credentials,
    })
    this.ended = new Promise((resolve) => this.process.on('close', resolve))
    createInterface({ input: this.process.stdout as NodeJS.ReadableStream }).on('line', (line) =>
      this.events.push(JSON.parse(line)),
    )
    this.process.stderr?.on('data', (text) => (this.stderr += text))
  }

  /** Resolves when the lab is watched. */
  static async begin(options: WatchingOptions): Promise<Watching> {
    const watching = new Watching(options)
    await watching.until({ event: 'lab', action: 'watch' })
    return watching
  }

  /** The first event, from `from` on, that has these fields. */
  async until(fields: object, from = 0): Promise<any> {
    for (const deadline = Date.now() + TIMEOUT_MS; ; await setTimeout(5)) {
      const found = this.events.slice(from).find((event) => matches(event, fields))
      if (found) return found
      if (Date.now() < deadline) continue
      const seen = this.events.slice(from).map((event) => JSON.stringify(event))
      throw new Error(`no event ${JSON.stringify(fields)} in\n${seen.join('\n')}\n${this.stderr}`)
    }
  }

  [Symbol.dispose](): void {
    this.process.kill('SIGKILL')
  }
}

const matches = (event: any, fields: object): boolean =>
  Object.entries(fields).every(([key, value]) => JSON.stringify(event[key]) === JSON.stringify(value))
