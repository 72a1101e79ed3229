// Labs for tests: each test makes its own lab, with a unique name and a separate state directory, and leaves nothing behind.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base } from 'vitest'
import { ROOT } from './root.js'

export { ROOT }

const RUN = join(ROOT, 'bin/run.js')

let counter = 0

/** A lab name that no other test uses. */
export const uniqueName = (stem = 't'): string => `${stem}-${process.pid}-${counter++}`

export interface CliResult {
  status: number | null
  stdout: string
  stderr: string
  /** Standard output parsed as JSON. */
  json: () => any
}

/** Runs the built command as a user does. */
export interface CliOptions {
  input?: string
  env?: NodeJS.ProcessEnv
  /** Working directory; the checkout by default. */
  cwd?: string
}

export type Cli = (args: readonly string[], options?: CliOptions) => CliResult

export interface LabFixtures {
  /** A state directory for this test alone; labs in it are taken down when the test ends. */
  stateDirectory: string
  /** Runs the command with that state directory. */
  nslab: Cli
}

export const test = base.extend<LabFixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads a fixture's dependencies from the pattern
  stateDirectory: async ({}, use) => {
    const directory = mkdtempSync(join(tmpdir(), 'nslab-test-'))
    execFileSync('chmod', ['0711', directory])
    process.env.NSLAB_STATE_DIR = directory
    await use(directory)
    runCli(['down', '--all'], { env: { NSLAB_STATE_DIR: directory } })
    delete process.env.NSLAB_STATE_DIR
    rmSync(directory, { recursive: true, force: true })
  },
  nslab: async ({ stateDirectory }, use) => {
    await use((args, options = {}) =>
      runCli(args, { ...options, env: { NSLAB_STATE_DIR: stateDirectory, ...options.env } }),
    )
  },
})

export function runCli(args: readonly string[], { input, env, cwd = ROOT }: CliOptions = {}): CliResult {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [RUN, ...args], {
    cwd,
    encoding: 'utf8',
    input: input ?? '',
    env: { ...process.env, NO_COLOR: '1', ...env },
    maxBuffer: 1 << 28,
  })
  if (signal) throw new Error(`nslab ${args.join(' ')} was killed by ${signal}: ${stderr}`)
  return { status, stdout, stderr, json: () => JSON.parse(stdout) }
}

/** PIDs of a lab's processes, found by their titles in /proc. */
export function processesOf(lab: string): number[] {
  return execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^ *([0-9]+) (.*)$/.exec(line))
    .filter((match) => match?.[2] === `nslab: ${lab}` || match?.[2]?.startsWith(`nslab: ${lab}/`))
    .map((match) => Number(match?.[1]))
}

/** Names of the interfaces of the test's own network namespace. */
export const hostInterfaces = (): string[] =>
  readFileSync('/proc/net/dev', 'latin1')
    .split('\n')
    .slice(2)
    .map((line) => line.split(':')[0]?.trim() ?? '')
    .filter((name) => name !== '')
