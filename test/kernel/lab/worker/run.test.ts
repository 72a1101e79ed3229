// Functions that are called in nodes: servers and clients of Node.js, each in its node's network.
//
// h1 ── h2
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'vitest'
import { Lab } from '../../../../src/index.js'
import { ROOT } from '../../../support/lab.js'
import { pairTest, pairTopology } from '../../../support/pair.js'

const topology = () => pairTopology('run')
const test = pairTest('run')

test('a server that a function has made in one node is fetched by a function in another', async ({ h1, h2 }) => {
  const port = await h1.run(async (greeting: string) => {
    const { createServer } = await import('node:http')
    const server = createServer((request, response) => response.end(`${greeting} ${request.socket.remoteAddress}`))
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
    return (server.address() as AddressInfo).port
  }, 'hello')
  const fetchText = async (url: string) => await (await fetch(url)).text()
  const [own] = (await h2.exec(['hostname', '-I'], { cwd: '/' })).stdout.split(' ')
  expect(await h2.run(fetchText, `http://h1:${port}/`)).toBe(`hello ${own}`)
  // It goes on listening.
  expect(await h2.run(fetchText, `http://h1:${port}/`)).toBe(`hello ${own}`)
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
})

test('names are looked up as the node does', async ({ h1 }) => {
  await h1.exec(['sh', '-c', 'echo 192.0.2.7 printer.example >> /etc/hosts'], { cwd: '/' })
  const looked = await h1.run(async () => {
    const dns = await import('node:dns/promises')
    const { hostname } = await import('node:os')
    return { printer: (await dns.lookup('printer.example')).address, hostname: hostname(), servers: dns.getServers() }
  })
  expect(looked).toMatchObject({ printer: '192.0.2.7', hostname: 'h1' })
  const servers = (await h1.exec(['cat', '/etc/resolv.conf'], { cwd: '/' })).stdout
  for (const each of looked.servers) expect(servers).toContain(each)
})

test('all kinds of functions are called, with copies of their arguments', async ({ h1 }) => {
  const object = {
    method(a: number, b: number) {
      return a + b
    },
    async later(text: string) {
      return text
    },
    async() {
      return 'named async'
    },
  }
  function declared(this: unknown, map: Map<string, Date>) {
    return { map, isStrict: this === undefined }
  }
  expect(await h1.run(object.method, 1, 2)).toBe(3)
  expect(await h1.run(object.later, 'x')).toBe('x')
  expect(await h1.run(object.async)).toBe('named async')
  expect(await h1.run((x) => x, undefined)).toBe(undefined)
  expect(await h1.run(async ({ length }: Uint8Array) => length, new Uint8Array(300_000))).toBe(300_000)
  const map = new Map([['now', new Date(5)]])
  expect(await h1.run(declared, map)).toEqual({ map, isStrict: true })
  expect(await h1.run(() => 2n ** 70n)).toBe(2n ** 70n)
  expect(await h1.run(() => process.pid)).toBe(await h1.run(() => process.pid))
})

test('what cannot be sent is told, with what to do', async ({ h1 }) => {
  const unsendable = (what: unknown) => h1.run(what as () => void)
  await expect(unsendable(Math.max)).rejects.toMatchObject({
    code: 'USAGE',
    message: 'node.run sends a function as its source text, which max does not have: it is native or bound',
    hint: expect.any(String),
  })
  await expect(unsendable((() => 1).bind(null))).rejects.toMatchObject({ code: 'USAGE' })
  await expect(unsendable(class Server {})).rejects.toThrow('Server is a class')
  await expect(unsendable('x')).rejects.toThrow('takes a function or the URL of a module')
  await expect(
    h1.run(
      (f: unknown) => f,
      () => 1,
    ),
  ).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining('the arguments of the function cannot be sent to h1'),
  })
  await expect(h1.run(() => () => 1)).rejects.toThrow('what the function returned cannot be sent')
  const port = 80
  await expect(h1.run(() => port)).rejects.toThrow(
    /^port is not defined; a function that node.run sends has no variables/,
  )
  expect(await h1.run(() => 'the worker has gone on')).toBe('the worker has gone on')
})

test('errors come back with name, message, code, causes, and a stack that begins in the function', async ({ h1 }) => {
  const refused = h1.run(async () => {
    await fetch('http://127.0.0.1:81/')
  })
  await expect(refused).rejects.toBeInstanceOf(TypeError)
  await expect(refused).rejects.toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNREFUSED', port: 81 } })
  const error = await h1
    .run(function boom() {
      throw Object.assign(new RangeError('too far'), { code: 'E_FAR', hops: 3 })
    })
    .catch((each) => each)
  expect(error).toBeInstanceOf(RangeError)
  expect(error).toMatchObject({ name: 'RangeError', message: 'too far', code: 'E_FAR', hops: 3 })
  const line = Number(/run\.test\.ts:(\d+)/.exec(new Error('here').stack ?? '')?.[1]) - 6
  const frames = error.stack
    .split('\n')
    .slice(0, 3)
    .map((each: string) => each.replace(/:\d+\)?$/, ''))
  const file = new URL(import.meta.url).pathname
  expect(frames).toEqual(['RangeError: too far', `    at boom (${file}:${line + 1}`, `    at ${file}:${line}`])
  const own = h1.run(() => {
    class Own extends Error {
      override name = 'OwnError'
    }
    throw new Own('mine')
  })
  await expect(own).rejects.toMatchObject({ name: 'OwnError', message: 'mine' })
  await expect(h1.run(() => Promise.reject({ plain: true }))).rejects.toEqual({ plain: true })
})

test('a function may read standard input, which is empty, and give it to a command', async ({ h1 }) => {
  const read = await h1.run(async () => {
    const { execFileSync } = await import('node:child_process')
    const inherited = execFileSync('cat', { encoding: 'utf8', stdio: ['inherit', 'pipe', 'inherit'] })
    let text = ''
    for await (const chunk of process.stdin) text += chunk
    return { inherited, text }
  })
  expect(read).toEqual({ inherited: '', text: '' })
  expect(await h1.run(() => 'still there')).toBe('still there')
})

test('a worker that dies rejects what is awaited, and the next call has a new one', async ({ h1, h2 }) => {
  const never = h1.run(() => new Promise(() => {}))
  const exits = h1.run(() => process.exit(9))
  const ended = { code: 'COMMAND_FAILED', message: 'h1: the process that runs functions ended with status 9' }
  await Promise.all([never, exits].map((each) => expect(each).rejects.toMatchObject(ended)))
  expect(await h1.run(() => 'again')).toBe('again')
  const killed = h1.run(() => process.kill(process.pid, 'SIGKILL') && new Promise(() => {}))
  await expect(killed).rejects.toThrow('ended with status 137')
  const node = h2
  const hanging = node.run(() => new Promise(() => {}))
  await Promise.all([
    expect(hanging).rejects.toThrow('h2: the process that runs functions'),
    node[Symbol.asyncDispose](),
  ])
})

test('the worker is in all namespaces of the node, and ends with the lab', async ({ stateDirectory }) => {
  void stateDirectory
  const lab = await Lab.up(topology())
  const h1 = lab.node('h1')
  const links = await h1.run(async () => {
    const { readlinkSync } = await import('node:fs')
    return ['net', 'mnt', 'uts', 'ipc', 'user', 'pid'].map((kind) => readlinkSync(`/proc/self/ns/${kind}`))
  })
  const ofNode = ['net', 'mnt', 'uts', 'ipc', 'user', 'pid'].map((kind) =>
    execFileSync('readlink', [`/proc/${h1.pid}/ns/${kind}`], { encoding: 'utf8' }).trim(),
  )
  expect(links).toEqual(ofNode)
  const hanging = h1.run(() => new Promise(() => {}))
  await Promise.all([expect(hanging).rejects.toMatchObject({ code: 'COMMAND_FAILED' }), lab.down()])
  await expect(h1.run(() => 1)).rejects.toMatchObject({ code: 'LAB_NOT_FOUND' })
})

/** A directory that nodes see, and may read. */
function visibleDirectory(): Disposable & { path: string } {
  const path = mkdtempSync('/var/lib/nslab-run-')
  execFileSync('chmod', ['755', path])
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** Writes a program that uses the built library, and starts it. It may use `lab`, `h1` and `h2`. */
function program(directory: string, stateDirectory: string, body: string) {
  const file = join(directory, 'program.mjs')
  writeFileSync(
    file,
    `import { Lab } from ${JSON.stringify(join(ROOT, 'dist/index.js'))}
const lab = await Lab.up(${JSON.stringify(topology())})
const [h1, h2] = lab.nodes
${body}`,
  )
  const child = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  return { child, output: () => ({ stdout, stderr }) }
}

test('modules are found relative to the calling file, and what is printed comes out', async ({ stateDirectory }) => {
  using directory = visibleDirectory()
  writeFileSync(join(directory.path, 'helper.mjs'), 'export const word = "helped"')
  writeFileSync(join(directory.path, 'old.cjs'), 'module.exports = { word: "required" }')
  writeFileSync(
    join(directory.path, 'server.mjs'),
    `import { word } from './helper.mjs'
let calls = 0
export default (name) => word + ' ' + name + ' ' + ++calls`,
  )
  const { child, output } = program(
    directory.path,
    stateDirectory,
    `console.log('first')
await h1.run(() => console.log('second'))
await h1.run(() => console.error('on standard error'))
console.log(await h1.run(async () => (await import('./helper.mjs')).word))
console.log(await h1.run(() => require('./old.cjs').word + __filename))
console.log(await h1.run(new URL('./server.mjs', import.meta.url), 'you'), await h1.run(new URL('./server.mjs', import.meta.url), 'me'))
await h1.run(new URL('./missing.mjs', import.meta.url)).catch(({ code }) => console.log(code))
await h1.run(new URL('./helper.mjs', import.meta.url)).catch(({ message }) => console.log(message))
await h1.run(() => { throw new Error('x') }).catch(({ stack }) => console.log(stack))`,
  )
  const [status] = await once(child, 'close')
  const file = join(directory.path, 'program.mjs')
  expect(output()).toEqual({
    stdout: expect.stringMatching(/^first\nsecond\nhelped\nrequired/),
    stderr: 'on standard error\n',
  })
  const lines = output().stdout.split('\n')
  expect(lines.slice(3, 6)).toEqual([`required${file}`, 'helped you 1 helped me 2', 'ERR_MODULE_NOT_FOUND'])
  expect(lines[6]).toBe(`the default export of file://${directory.path}/helper.mjs is no function`)
  expect(lines.slice(7).join('\n')).toMatch(
    new RegExp(`^Error: x\\n +at ${file}:12:\\d+\\n(.*\\n)*? +at .*${file}:12:10`),
  )
  expect(status).toBe(0)
})

test('a worker has no terminal of the machine, and what it prints comes out there', ({ stateDirectory }) => {
  using directory = visibleDirectory()
  const file = join(directory.path, 'program.mjs')
  writeFileSync(
    file,
    `import { Lab } from ${JSON.stringify(join(ROOT, 'dist/index.js'))}
const lab = await Lab.up(${JSON.stringify(topology())})
console.log('first')
console.log(await lab.nodes[0].run(() => {
  console.log('second')
  console.error('third')
  return [0, 1, 2].map((fd) => require('node:fs').readlinkSync('/proc/self/fd/' + fd).replace(/:.*/, '')).join()
}))
await lab.down()`,
  )
  const printed = execFileSync('script', ['-qec', `${process.execPath} ${file}`, '/dev/null'], {
    encoding: 'utf8',
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
  })
  expect(printed.replaceAll('\r', '')).toMatch(/^first\n(second\nthird|third\nsecond)\n\/dev\/null,socket,socket\n$/)
})

test('a program waits for the end of its workers, however late that is told', async ({ stateDirectory }) => {
  using directory = visibleDirectory()
  const file = join(directory.path, 'program.mjs')
  writeFileSync(
    file,
    `import { Lab } from ${JSON.stringify(join(ROOT, 'dist/index.js'))}
const lab = await Lab.up('name: many-' + process.pid + '\\nnodes: {h1: {}}')
await lab.node('h1').run(() => 1)
await lab.down()`,
  )
  // Side by side, so that some wait for a processor.
  const env = { ...process.env, NSLAB_STATE_DIR: stateDirectory }
  const programs = Array.from({ length: 8 }, () => spawn(process.execPath, [file], { env, stdio: 'ignore' }))
  expect(await Promise.all(programs.map((each) => once(each, 'exit')))).toEqual(programs.map(() => [0, null]))
})

test('an idle worker keeps nothing from ending, and dies with the program even by SIGKILL', async ({
  stateDirectory,
}) => {
  using directory = visibleDirectory()
  const server = `await h1.run(async () => {
    const { createServer } = await import('node:http')
    createServer().listen(80)
    process.title = TITLE
  })
  console.log('ready')`
  const isRunning = (title: string) => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes(title)
  const ends = program(directory.path, stateDirectory, server.replace('TITLE', '"idle of nslab"'))
  expect(await once(ends.child, 'exit')).toEqual([0, null])
  const stays = program(
    directory.path,
    stateDirectory,
    `${server.replace('TITLE', '"busy of nslab"')}
await h1.run(() => { process.on('SIGTERM', () => {}); for (;;); })`,
  )
  await once(stays.child.stdout, 'data')
  expect(isRunning('busy of nslab')).toBe(true)
  stays.child.kill('SIGKILL')
  await once(stays.child, 'exit')
  for (let tries = 0; tries < 200 && (isRunning('busy of nslab') || isRunning('idle of nslab')); tries++)
    await setTimeout(20)
  expect([isRunning('busy of nslab'), isRunning('idle of nslab')]).toEqual([false, false])
})

test('a function has no process.send, so that nothing that it sends is taken for an answer', async ({ h1 }) => {
  expect(await h1.run(() => typeof process.send)).toBe('undefined')
  await expect(h1.run(() => process.send?.({ id: 99 }))).resolves.toBeUndefined()
})

test('a function of a paused node is refused, also when its worker runs', async ({ h1 }) => {
  expect(await h1.run(() => 1)).toBe(1)
  await h1.pause()
  await expect(h1.run(() => 2)).rejects.toMatchObject({ code: 'NODE_PAUSED' })
  await h1.resume()
  expect(await h1.run(() => 3)).toBe(3)
})

test('an error whose parts cannot be read, and one named as a method of objects, are thrown all the same', async ({
  h1,
}) => {
  const unreadable = h1.run(() => {
    const error = new Error('hidden')
    const get = () => {
      throw new Error('no')
    }
    for (const key of ['stack', 'cause', 'errors', 'code']) Object.defineProperty(error, key, { get, enumerable: true })
    throw error
  })
  await expect(unreadable).rejects.toThrow('hidden')
  const named = h1.run(() => {
    throw Object.assign(new Error('odd'), { name: 'toString' })
  })
  await expect(named).rejects.toMatchObject({ name: 'toString', message: 'odd' })
  expect(await h1.run(() => 'still there')).toBe('still there')
})
