// Runs the command line as an unprivileged user of the machine, as from a login shell.
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { CliOptions, CliResult } from './lab.js'

/** The user that root has made for the tests (.ci/run), who has a range in /etc/subuid and /etc/subgid. */
export function userWithRange(): TestUser | null {
  const name = process.env.NSLAB_TEST_USER
  if (!name) return null
  const idOf = (option: '-u' | '-g') => Number(spawnSync('id', [option, name], { encoding: 'utf8' }).stdout)
  const [uid, gid] = [idOf('-u'), idOf('-g')]
  if (!(uid > 0 && gid > 0)) throw new Error(`NSLAB_TEST_USER=${name} is no ordinary user`)
  return new TestUser(uid, gid)
}

/** A user who has no process and no file. Root can become this user without an entry in /etc/passwd. */
export class TestUser {
  /** Serves as home directory, and holds the user's labs. */
  readonly directory: string

  constructor(
    readonly uid: number,
    readonly gid = uid,
  ) {
    this.directory = mkdtempSync(join(tmpdir(), 'nslab-user-'))
    chownSync(this.directory, uid, gid)
    chmodSync(this.directory, 0o711)
  }

  /** Directory of the program, which this user can read. */
  get checkoutPath(): string {
    return inject('readableCheckout')
  }

  /** Runs `nslab`; its state directory is in this user's directory unless `env` sets another. */
  nslab(args: readonly string[], { input, env, cwd }: CliOptions = {}): CliResult {
    return this.run([process.execPath, join(this.checkoutPath, 'bin/run.js'), ...args], {
      env: { NSLAB_STATE_DIR: join(this.directory, 'labs'), ...env },
      cwd: cwd ?? this.checkoutPath,
      ...(input === undefined ? {} : { input }),
    })
  }

  /** Runs a command as this user, without supplementary groups and with a minimal environment. */
  run(words: readonly string[], { input, env, cwd = '/' }: CliOptions = {}): CliResult {
    const { status, signal, stdout, stderr } = spawnSync(
      'setpriv',
      ['--reuid', String(this.uid), '--regid', String(this.gid), '--clear-groups', ...words],
      { cwd, encoding: 'utf8', input: input ?? '', env: { PATH: process.env.PATH, NO_COLOR: '1', ...env } },
    )
    if (signal) throw new Error(`${words.join(' ')} was killed by ${signal}: ${stderr}`)
    return { status, stdout, stderr, json: () => JSON.parse(stdout) }
  }

  [Symbol.dispose](): void {
    this.nslab(['down', '--all'])
    rmSync(this.directory, { recursive: true, force: true })
  }
}
