// When the helper process of an ordinary user's program begins and ends, and what becomes of its labs.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { processesOf, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

/** Ids that no user, process or file of the machine has. */
const ALICE = 61_224

const topology = (name: string) => `{name: ${name}, nodes: {a: {}, b: {}}, links: [[a, b]]}`

/** A program of an ordinary user, with the class Lab. */
class Program {
  private readonly user = new TestUser(ALICE)
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

/** Marks the processes of this test. */
const SECONDS = `1000.${process.pid}`

const processesWith = (word: string): string[] =>
  execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.startsWith('sleep') && line.includes(word))

const helpersOf = (parent: number): number[] =>
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

const isGone = (pid: number) => !existsSync(`/proc/${pid}/fd/0`)

test.for<NodeJS.Signals>(['SIGKILL', 'SIGTERM'])('nothing is left of a program that %s ends', async (signal) => {
  const names = [uniqueName('life'), uniqueName('life')]
  const program = new Program(`
    for (const text of ${JSON.stringify(names.map(topology))}) {
      const [a, b] = (await Lab.up(text)).nodes
      await a.spawn(['sleep', '${SECONDS}'], { cwd: '/' })
      await b.run(() => void require('node:child_process').spawn('sleep', ['${SECONDS}']))
    }
    console.log('up')
    setInterval(() => {}, 1000)`)
  await program.says('up')
  const helpers = helpersOf(program.pid)
  expect(helpers).toHaveLength(1)
  expect(names.flatMap(processesOf)).toHaveLength(6)
  expect(processesWith(SECONDS)).toHaveLength(4)
  await program.ends(signal)
  await vi.waitFor(() => expect(names.flatMap(processesOf)).toEqual([]), 10_000)
  await vi.waitFor(() => expect(helpers.filter((pid) => !isGone(pid))).toEqual([]), 10_000)
  expect(program.leftovers()).toEqual([])
  expect(processesWith(SECONDS)).toEqual([])
})

test('nothing is left of a program that is killed while a lab is built, and a lab that persists stays', async () => {
  const [stays, goes] = [uniqueName('life'), uniqueName('life')]
  const program = new Program(`
    await Lab.up('${topology(stays)}', { persist: true })
    await Lab.up('${topology(goes)}', { onProgress: ({ stage }) => stage === 'configuration' && process.kill(process.pid, 'SIGKILL') })`)
  await program.ends()
  await vi.waitFor(() => expect(program.leftovers()).toEqual([stays]), 10_000)
  expect(processesOf(goes)).toEqual([])
  expect(processesOf(stays)).toHaveLength(3)
})

test('a program ends although its lab is up, and the helper with it', async () => {
  const name = uniqueName('life')
  const program = new Program(`await Lab.up('${topology(name)}')\nconsole.log('up')`)
  expect(await program.ends(), program.errors).toBe('up\n')
  await vi.waitFor(() => expect([processesOf(name), program.leftovers()]).toEqual([[], []]), 10_000)
})

test('the helper ends when no lab needs it, and another one begins when one does', async () => {
  const program = new Program(`
    const text = '${topology(uniqueName('life'))}'
    await (await Lab.up(text)).down()
    await (await Lab.up(text)).down()
    console.log('down')
    await new Promise((resolve) => setTimeout(resolve, 3000))
    console.log('again')
    await (await Lab.up(text)).down()
    console.log('end')`)
  await program.says('down')
  const helpers = helpersOf(program.pid)
  expect(helpers).toHaveLength(1)
  await vi.waitFor(() => expect(helpersOf(program.pid)).toEqual([]), 2500)
  expect(await program.ends(), program.errors).toBe('down\nagain\nend\n')
})

test('when the helper is killed, calls say so, and its labs are down', async () => {
  const name = uniqueName('life')
  const program = new Program(`
    import { readdirSync, readFileSync } from 'node:fs'
    const lab = await Lab.up('${topology(name)}')
    const helper = readFileSync(\`/proc/self/task/\${process.pid}/children\`, 'latin1').trim()
    const events = lab.watch()
    await events.next()
    const waits = events.next()
    const calls = [waits, lab.inspect(), lab.check(), Lab.up('${topology(`${name}-2`)}')]
    process.kill(Number(helper), 'SIGKILL')
    for (const call of calls)
      console.log(await call.then(() => 'done', (error) => [error.name, error.code, error.message].join(' ')))
    await lab.down()
    console.log(await lab.inspect().catch((error) => error.code))
    const next = await Lab.up('${topology(name)}')
    console.log((await next.node('a').ping('b', { count: 1 })).received)
    await next.down()`)
  const ended = 'LabError INTERRUPTED the helper process that works in the networks of labs has ended by SIGKILL'
  expect((await program.ends()).split('\n'), program.errors).toEqual([
    ended,
    ended,
    ended,
    ended,
    'LAB_NOT_FOUND',
    '1',
    '',
  ])
  expect(processesOf(name)).toEqual([])
})

test('threads have their labs side by side, which end with their thread', async () => {
  const name = uniqueName('life')
  const program = new Program(`
    import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
    if (isMainThread) {
      const workers = ['a', 'b'].map((each) => new Worker(new URL(import.meta.url), { workerData: each }))
      await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))))
      console.log(Lab.list().length)
      await workers[0].terminate()
      while (Lab.list().length > 1) await new Promise((resolve) => setTimeout(resolve, 20))
      console.log(Lab.list().map(({ name }) => name.at(-1)))
      workers[1].postMessage('end')
    } else {
      const lab = await Lab.up(\`{name: ${name}-\${workerData}, nodes: {a: {}, b: {}}, links: [[a, b]]}\`)
      const events = lab.watch({ events: ['link'] })
      await lab.node('a').exec(['ip', 'link', 'set', 'eth0', 'mtu', '1400'], { cwd: '/' })
      for await (const event of events) if (event.event === 'link') break
      parentPort.once('message', () => lab.down())
      parentPort.postMessage((await lab.inspect()).nodes.length)
    }`)
  expect(await program.ends(), program.errors).toBe("2\n[ 'b' ]\n")
})
