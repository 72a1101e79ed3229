// Runs a program that uses the library as an ordinary user, and finds its helper processes.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, vi } from 'vitest'
import { TestUser } from './user.js'

/** Ids that no user, process or file of the machine has. */
const ALICE = 61_224

/** A program of an ordinary user that goes on, with the class Lab. It ends with its test. */
export class UserProgram {
  readonly user = new TestUser(ALICE)
  private readonly child: ChildProcess
  private output = ''
  errors = ''

  constructor(text: string) {
    onTestFinished(() => this.user[Symbol.dispose]())
    const file = join(this.user.directory, 'program.mjs')
    const library = pathToFileURL(join(this.user.checkoutPath, 'dist/index.js')).href
    writeFileSync(file, `import { Lab } from '${library}'\n${text}`)
    const become = ['--reuid', String(ALICE), '--regid', String(ALICE), '--clear-groups']
    this.child = spawn('setpriv', [...become, process.execPath, file], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, NSLAB_STATE_DIR: this.labs },
    })
    this.child.stdout?.on('data', (text) => (this.output += text))
    this.child.stderr?.on('data', (text) => (this.errors += text))
    onTestFinished(() => void this.child.kill('SIGKILL'))
  }

  get pid(): number {
    return this.child.pid as number
  }

  private get labs(): string {
    return join(this.user.directory, 'labs')
  }

  /** Resolves once it has printed a line. */
  async says(line: string): Promise<void> {
    await vi.waitFor(() => expect(this.output.split('\n'), this.errors).toContain(line), { timeout: 20_000 })
  }

  /** Kills the program, or waits for its end. @returns what it has printed */
  async ends(signal?: NodeJS.Signals): Promise<string> {
    const closed = once(this.child, 'close')
    if (signal) this.child.kill(signal)
    if (this.child.exitCode === null) await closed
    return this.output
  }

  /** Names of the labs whose directories are there. */
  leftovers(): string[] {
    return existsSync(this.labs) ? readdirSync(this.labs).filter((name) => !name.startsWith('.')) : []
  }
}

/** The helper processes that a process has started. */
export const helpersOf = (parent: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const read = (file: string) => {
        try {
          return readFileSync(`/proc/${pid}/${file}`, 'utf8')
        } catch {
          return '' // it has ended
        }
      }
      return read('status').includes(`\nPPid:\t${parent}\n`) && read('cmdline').includes('helper.js')
    })
