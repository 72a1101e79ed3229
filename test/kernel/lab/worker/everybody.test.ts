// Processes and functions in nodes, for root and for an ordinary user, whose program is root of a user namespace.
//
// h1 ── h2
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { test, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

/** An id that no user, process or file of the machine has. */
const USER = 61_223

/** Starts a server as a program and one as a function, and asks both from the other node. */
const PROGRAM = `
import 'USER_NAMESPACE'
import { Lab } from 'LIBRARY'
const lab = await Lab.up('{name: NAME, nodes: {h1: {}, h2: {}}, links: [[h1, h2]]}')
const [h1, h2] = lab.nodes
const answers = []
{
  const serve = "require('http').createServer((q, r) => { console.log(q.url); r.end('program') }).listen(80)"
  const server = await h1.spawn([process.execPath, '-e', serve], { cwd: '/', ready: { port: 80 } })
  answers.push(await h2.run(async () => await (await fetch('http://h1/path')).text()))
  answers.push(await server.kill())
}
await h1.run(new URL('./server.mjs', import.meta.url), 8080)
answers.push(await h2.run(async (port) => await (await fetch('http://h1:' + port)).text(), 8080))
answers.push(await h2.run(async () => (await fetch('http://h1').catch((error) => error.cause.code))))
answers.push(await h1.run(() => process.getuid()))
answers.push(await h1.exec(['cat'], { cwd: '/', input: Buffer.from('bytes') }))
await lab.down()
console.log(JSON.stringify(answers))
`
const SERVER = `import { createServer } from 'node:http'
export default (port) => new Promise((resolve) => {
  createServer((request, response) => response.end('function')).listen(port, resolve)
})
`

const ANSWERS = [
  'program',
  { exitCode: 143, signal: 'SIGTERM', stdout: '/path\n', stderr: '' },
  'function',
  'ECONNREFUSED',
  0,
  { exitCode: 0, stdout: 'bytes', stderr: '' },
]

/** Writes the program where nodes see it: they have a /tmp of their own. */
function programIn(checkout: string): string {
  const directory = mkdtempSync('/var/lib/nslab-run-')
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const file = join(directory, 'program.mjs')
  const text = PROGRAM.replace('USER_NAMESPACE', `${checkout}/dist/user-namespace.js`)
    .replace('LIBRARY', `${checkout}/dist/index.js`)
    .replace('NAME', uniqueName('all'))
  writeFileSync(file, text)
  writeFileSync(join(directory, 'server.mjs'), SERVER)
  execFileSync('chmod', ['-R', 'a+rX', directory])
  return file
}

test('servers in nodes are asked from other nodes, as an ordinary user', () => {
  using user = new TestUser(USER)
  const env = { NSLAB_STATE_DIR: join(user.directory, 'labs'), HOME: user.directory }
  const { status, stdout, stderr } = user.run([process.execPath, programIn(user.checkoutPath)], { cwd: '/', env })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(JSON.parse(stdout)).toEqual(ANSWERS)
})

test('servers in nodes are asked from other nodes, as root', ({ stateDirectory }) => {
  using user = new TestUser(USER)
  const stdout = execFileSync(process.execPath, [programIn(user.checkoutPath)], {
    cwd: '/',
    encoding: 'utf8',
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
  })
  expect(JSON.parse(stdout)).toEqual(ANSWERS)
})
