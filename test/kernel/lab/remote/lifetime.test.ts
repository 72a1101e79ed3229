// When the helper process of an ordinary user's program begins and ends, and what becomes of its labs.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { processesOf, uniqueName } from '../../../support/lab.js'
import { helpersOf, UserProgram } from '../../../support/user-program.js'

const topology = (name: string) => `{name: ${name}, nodes: {a: {}, b: {}}, links: [[a, b]]}`

/** Marks the processes of this test. */
const SECONDS = `1000.${process.pid}`

const processesWith = (word: string): string[] =>
  execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.startsWith('sleep') && line.includes(word))

const isGone = (pid: number) => !existsSync(`/proc/${pid}/fd/0`)

test.for<NodeJS.Signals>(['SIGKILL', 'SIGTERM'])('nothing is left of a program that %s ends', async (signal) => {
  const names = [uniqueName('life'), uniqueName('life')]
  const program = new UserProgram(`
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
  const program = new UserProgram(`
    await Lab.up('${topology(stays)}', { persist: true })
    await Lab.up('${topology(goes)}', { onProgress: ({ stage }) => stage === 'configuration' && process.kill(process.pid, 'SIGKILL') })`)
  await program.ends()
  await vi.waitFor(() => expect(program.leftovers()).toEqual([stays]), 10_000)
  expect(processesOf(goes)).toEqual([])
  expect(processesOf(stays)).toHaveLength(3)
})

test('a program ends although its lab is up, and the helper with it', async () => {
  const name = uniqueName('life')
  const program = new UserProgram(`await Lab.up('${topology(name)}')\nconsole.log('up')`)
  expect(await program.ends(), program.errors).toBe('up\n')
  await vi.waitFor(() => expect([processesOf(name), program.leftovers()]).toEqual([[], []]), 10_000)
})

test('the helper ends when no lab needs it, and another one begins when one does', async () => {
  const program = new UserProgram(`
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
  const program = new UserProgram(`
    import { readdirSync, readFileSync } from 'node:fs'
    const lab = await Lab.up('${topology(name)}')
    const helper = readFileSync(\`/proc/self/task/\${process.pid}/children\`, 'latin1').trim()
    const events = lab.watch()
    await events.next()
    process.kill(Number(helper), 'SIGSTOP')
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
  const program = new UserProgram(`
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
