// Commands that change one lab take turns; readers do not wait; labs of different names are built side by side.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, onTestFinished } from 'vitest'
import { whileTurn } from '../../../../src/lab/links/change-lab.js'
import { saveState } from '../../../../src/lab/links/live-state.js'
import { selectLab } from '../../../../src/lab/record/select.js'
import { type Cli, type CliResult, processesOf, ROOT, test, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

const pair = (name: string) => `{name: ${name}, nodes: {a: {}, b: {}}, links: [[a, b]]}`

const up = (nslab: Cli, name: string) => {
  const { status, stderr } = nslab(['up', '-'], { input: pair(name), cwd: '/' })
  expect(status, stderr).toBe(0)
}

/** Locks a lab's directory as a command that changes it does, until it is killed. */
async function holder(directory: string): Promise<ChildProcess> {
  const child = spawn('flock', ['--exclusive', directory, 'sh', '-c', 'echo held; exec sleep 1000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  onTestFinished(() => void kill(child))
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  return child
}

function kill({ pid }: ChildProcess): void {
  try {
    process.kill(-(pid as number), 'SIGKILL')
  } catch {
    // It has ended.
  }
}

/** Starts a command. */
function start(args: readonly string[], stateDirectory: string, input = '') {
  const child = spawn(process.execPath, [join(ROOT, 'bin/run.js'), ...args], {
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory, NO_COLOR: '1' },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  child.stdin.end(input)
  const ended = once(child, 'close').then(([status]) => ({ status: status as number, stderr }))
  return { child, ended, stderr: () => stderr }
}

test('a command that changes a lab waits for the one before, names it, and goes on when that ends', async ({
  nslab,
  stateDirectory,
}) => {
  const name = uniqueName('turn')
  up(nslab, name)
  const flap = start(['link', 'flap', 'a:eth0'], stateDirectory)
  await once(flap.child.stdout, 'data')
  const { pid, command } = JSON.parse(readFileSync(join(stateDirectory, name, 'turn.json'), 'utf8'))
  expect({ pid, command }).toEqual({ pid: flap.child.pid, command: 'nslab link flap a:eth0' })
  flap.child.kill('SIGINT')
  await flap.ended

  const lab = selectLab(name)
  let release = () => {}
  const changed = whileTurn(
    lab,
    {},
    () =>
      new Promise<void>((resolve) => {
        release = resolve
      }),
  )
  await setTimeout(0)
  const waiting = start(['link', 'down', 'a:eth0'], stateDirectory)
  const refused = nslab(['link', 'down', 'a:eth0', '--no-wait'])
  expect(refused.status).toBe(8)
  expect(refused.stderr).toContain(`lab ${name} is being changed by process ${process.pid} (`)
  const tired = nslab(['link', 'down', 'a:eth0', '--wait', '100ms', '--json'])
  expect(tired.status).toBe(8)
  expect(tired.json().error).toMatchObject({ code: 'LAB_BUSY', message: expect.stringContaining('for 0.1 s') })
  await expect.poll(waiting.stderr, { timeout: 10_000 }).toContain(`is being changed by process ${process.pid} (`)
  expect(waiting.stderr()).toMatch(/; waiting\n$/)
  for (const words of [['ls'], ['inspect'], ['link', 'ls'], ['exec', 'a', '--', 'true'], ['ping', 'a', 'b', '-c', '1']])
    expect(nslab(words).status, words.join(' ')).toBe(0)
  release()
  await changed
  expect(await waiting.ended).toMatchObject({ status: 0 })
})

test('a holder that is killed frees the turn', async ({ nslab, stateDirectory }) => {
  const name = uniqueName('turn')
  up(nslab, name)
  const held = await holder(join(stateDirectory, name))
  const refused = nslab(['link', 'down', 'a:eth0', '--no-wait'])
  expect(refused.stderr).toContain(`lab ${name} is being changed by another command\n`)
  const waiting = start(['pause'], stateDirectory)
  await expect.poll(waiting.stderr, { timeout: 10_000 }).toContain('; waiting')
  kill(held)
  expect((await waiting.ended).status).toBe(0)
})

test('`down` does not wait for a command that changes the lab, which says so', async ({ nslab }) => {
  const name = uniqueName('turn')
  up(nslab, name)
  const changed = whileTurn(selectLab(name), {}, async (lab) => {
    expect(nslab(['down', name]).status).toBe(0)
    saveState(lab, lab.state)
  })
  await expect(changed).rejects.toMatchObject({
    code: 'INTERRUPTED',
    message: `lab ${name} was taken down while it was changed`,
  })
  await expect(whileTurn(selectLabLike(name), {}, async () => {})).rejects.toMatchObject({ code: 'LAB_NOT_FOUND' })
})

/** A lab that is down, as a program has it that found it before. */
const selectLabLike = (name: string) => ({
  ...{ name, directory: `/nonexistent/${name}`, alive: true, owner: 0, damage: null },
  state: { keeper: { pid: 1, startTime: 0 } } as never,
})

describe.for<[string, boolean]>([
  ['root', false],
  ['an ordinary user', true],
])('for %s', ([, isOrdinary]) => {
  const COUNT = 20

  test('of twenty `up` of one lab at once, one wins and the others say so', async ({ stateDirectory }) => {
    const name = uniqueName('turn')
    const results = await many(isOrdinary, stateDirectory, () => name)
    expect(results.filter(({ status }) => status === 0)).toHaveLength(1)
    const others = results.filter(({ status }) => status !== 0)
    for (const { status, stderr } of others) {
      expect(status, stderr).toBe(7)
      expect(stderr).toMatch(
        new RegExp(`lab ${name} is being built by process [0-9]+ \\(nslab up -\\)|a lab named ${name} runs already`),
      )
    }
    expect(others.some(({ stderr }) => stderr.includes('is being built by process'))).toBe(true)
    expect(processesOf(name).length).toBeGreaterThan(0)
  })

  test('twenty labs of different names are built side by side', async ({ stateDirectory }) => {
    const stem = uniqueName('turns')
    const results = await many(isOrdinary, stateDirectory, (at) => `${stem}-${at}`)
    expect(results.map(({ status, stderr }) => [status, status === 0 ? '' : stderr])).toEqual(
      Array.from({ length: COUNT }, () => [0, '']),
    )
  })

  /** Starts all at once. */
  async function many(
    ordinary: boolean,
    stateDirectory: string,
    nameOf: (at: number) => string,
  ): Promise<Pick<CliResult, 'status' | 'stderr'>[]> {
    const user = ordinary ? new TestUser(61_104) : null
    onTestFinished(() => user?.[Symbol.dispose]())
    const run = join(user?.checkoutPath ?? ROOT, 'bin/run.js')
    const words = user
      ? ['setpriv', '--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups', process.execPath, run]
      : [process.execPath, run]
    const place = user ? join(user.directory, 'labs') : stateDirectory
    return await Promise.all(
      Array.from({ length: COUNT }, async (_, at) => {
        const [program = '', ...rest] = words
        const child = spawn(program, [...rest, 'up', '-'], {
          ...{ cwd: '/', env: { PATH: process.env.PATH, NO_COLOR: '1', NSLAB_STATE_DIR: place } },
        })
        let stderr = ''
        child.stderr.on('data', (chunk) => {
          stderr += chunk
        })
        child.stdin.end(pair(nameOf(at)))
        const [status] = await once(child, 'close')
        return { status, stderr }
      }),
    )
  }
})

test('the turn leaves nothing behind', ({ nslab, stateDirectory }) => {
  const name = uniqueName('turn')
  up(nslab, name)
  expect(existsSync(join(stateDirectory, name, 'turn.json'))).toBe(true)
  expect(nslab(['down', name]).status).toBe(0)
  expect(existsSync(join(stateDirectory, name))).toBe(false)
})
