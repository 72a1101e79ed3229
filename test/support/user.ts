// Runs the command line as an unprivileged user of the machine, as from a login shell.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type CliOptions, type CliResult, ROOT } from './lab.js'

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
  private readonly checkout: Checkout

  constructor(
    readonly uid: number,
    readonly gid = uid,
  ) {
    this.checkout = readableCheckout()
    this.directory = mkdtempSync(join(tmpdir(), 'nslab-user-'))
    chownSync(this.directory, uid, gid)
    chmodSync(this.directory, 0o711)
  }

  /** Directory of the program, which this user can read. */
  get checkoutPath(): string {
    return this.checkout.path
  }

  /** Runs `nslab`; its state directory is in this user's directory unless `env` sets another. */
  nslab(args: readonly string[], { input, env, cwd }: CliOptions = {}): CliResult {
    return this.run([process.execPath, join(this.checkout.path, 'bin/run.js'), ...args], {
      env: { NSLAB_STATE_DIR: join(this.directory, 'labs'), ...env },
      cwd: cwd ?? this.checkout.path,
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
    this.checkout[Symbol.dispose]()
  }
}

interface Checkout extends Disposable {
  path: string
}

const PARTS = [
  'bin',
  'dist',
  'topologies',
  'node_modules',
  'native-shim/build',
  'package.json',
  'oclif.manifest.json',
].filter((part) => existsSync(join(ROOT, part)))

/** The checkout if every user can read it, else a copy: it may be in a private home directory, or made with a umask of 027. */
function readableCheckout(): Checkout {
  if (isOpen(ROOT) && PARTS.every((part) => isReadable(join(ROOT, part))))
    return { path: ROOT, [Symbol.dispose]: () => {} }
  const path = mkdtempSync(join(tmpdir(), 'nslab-checkout-'))
  for (const part of PARTS) cpSync(join(ROOT, part), join(path, part), { recursive: true })
  execFileSync('chmod', ['-R', 'a+rX', path])
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

const isReadable = (path: string): boolean => (statSync(path).mode & 0o004) !== 0

function isOpen(path: string): boolean {
  const open = (statSync(path).mode & 0o005) === 0o005
  return open && (dirname(path) === path || isOpen(dirname(path)))
}
