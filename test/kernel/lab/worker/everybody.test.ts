// Processes and functions in nodes, for root and for an ordinary user, also where the program is root of a user namespace.
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
import { Lab } from 'LIBRARY'
const lab = await Lab.up('{name: NAME, nodes: {h1: {}, h2: {}}, links: [[h1, h2]]}')
const [h1, h2] = lab.nodes
const answers = []
{
  const server = await h1.spawn(['perl', '-e', SERVE], { cwd: '/', ready: { port: 80 } })
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

/** Answers HTTP requests, and prints their first lines. */
const SERVE = `
use IO::Socket::INET;
$| = 1;
$s = IO::Socket::INET->new(LocalPort => 80, Listen => 5) or die;
while ($c = $s->accept) {
  print scalar <$c>;
  while (<$c> =~ /\\S/) {}
  print $c "HTTP/1.1 200 OK\\r\\nContent-Length: 7\\r\\nConnection: close\\r\\n\\r\\nprogram";
  close $c
}`

const ANSWERS = [
  'program',
  { exitCode: 143, signal: 'SIGTERM', stdout: 'GET /path HTTP/1.1\r\n', stderr: '' },
  'function',
  'ECONNREFUSED',
  0,
  { exitCode: 0, stdout: 'bytes', stderr: '' },
]

/** Writes the program where nodes see it: they have a /tmp of their own. */
function programIn(checkout: string, first = ''): string {
  const directory = mkdtempSync('/var/lib/nslab-run-')
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const file = join(directory, 'program.mjs')
  const text = PROGRAM.replace('LIBRARY', `${checkout}/dist/index.js`)
    .replace('NAME', uniqueName('all'))
    .replace('SERVE', () => JSON.stringify(SERVE))
  writeFileSync(file, first + text)
  writeFileSync(join(directory, 'server.mjs'), SERVER)
  execFileSync('chmod', ['-R', 'a+rX', directory])
  return file
}

test.for(['a process of its own', 'root of a user namespace'])(
  'servers are asked, by an ordinary user as %s',
  (who) => {
    using user = new TestUser(USER)
    const first = who.startsWith('root') ? `import '${user.checkoutPath}/dist/user-namespace.js'\n` : ''
    const env = { NSLAB_STATE_DIR: join(user.directory, 'labs'), HOME: user.directory }
    const { status, stdout, stderr } = user.run([process.execPath, programIn(user.checkoutPath, first)], {
      cwd: '/',
      env,
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(JSON.parse(stdout)).toEqual(ANSWERS)
  },
)

test('servers are asked, by root', ({ stateDirectory }) => {
  using user = new TestUser(USER)
  const stdout = execFileSync(process.execPath, [programIn(user.checkoutPath)], {
    cwd: '/',
    encoding: 'utf8',
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
  })
  expect(JSON.parse(stdout)).toEqual(ANSWERS)
})
