// Where helper processes work: in the user namespace of the lab, with the environment and the directory of their program.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ROOT, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

/** Ids that no user, process or file of the machine has. */
const BOB = 61_234

const UP = (name: string) => `
  import { Lab } from '${ROOT}/dist/index.js'
  const lab = await Lab.up('{name: ${name}, nodes: {a: {}, b: {}}, links: [[a, b]]}')
  console.log((await lab.node('a').ping('b', { count: 1 })).received)
  await lab.down()`

const PRINT = ".catch((error) => console.log(error.code, error.message, '/', error.hint))"

test('a lab of the command line is attached to, and a changed environment or directory is that of the next call', () => {
  using bob = new TestUser(BOB)
  const name = uniqueName('place')
  const labs = join(bob.directory, 'labs')
  const topology = '{nodes: {a: {}, b: {}}, links: [[a, b]]}'
  expect(bob.nslab(['up', '-', '--name', name], { input: topology })).toMatchObject({ status: 0 })
  const program = `
    import { Lab } from '${bob.checkoutPath}/dist/index.js'
    const lab = Lab.attach()
    const mtuOf = async () => (await lab.inspect()).nodes[0].interfaces.find(({ name }) => name === 'eth0').mtu
    await lab.run('steps: [{at: 0ms, down: "a:eth0"}, {at: 1ms, up: "a:eth0"}]')
    console.log(await mtuOf())
    await lab.apply('{name: ${name}, nodes: {a: {}, b: {}}, links: [{endpoints: [a, b], mtu: 1400}]}')
    process.env.LANG = 'C'
    console.log(await mtuOf())
    process.chdir('/')
    console.log(await mtuOf())`
  const run = bob.run([process.execPath, '--input-type=module', '-e', program], { env: { NSLAB_STATE_DIR: labs } })
  expect(run).toMatchObject({ status: 0, stdout: '1500\n1400\n1400\n', stderr: '' })
})

test('what Node.js reads from the environment is for the program alone', () => {
  using bob = new TestUser(BOB)
  const NODE_OPTIONS = '--import=data:text/javascript,console.log(%22loaded%22)'
  const program = UP(uniqueName('place')).replace(ROOT, bob.checkoutPath)
  const env = { NSLAB_STATE_DIR: join(bob.directory, 'labs'), NODE_OPTIONS }
  const run = bob.run([process.execPath, '--input-type=module', '-e', program], { env })
  expect(run).toMatchObject({ status: 0, stdout: 'loaded\n1\n', stderr: '' })
})

test('where no user namespace may be made, the library says so as the command does', () => {
  const directory = mkdtempSync(join(tmpdir(), 'nslab-none-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const program = UP(uniqueName('place')).replace(/( await Lab.up\(.*\))/, `$1${PRINT}\n  if (!lab) process.exit()`)
  const none = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
  const words = [
    '--user',
    '--map-root-user',
    'sh',
    '-c',
    none,
    'sh',
    process.execPath,
    '--input-type=module',
    '-e',
    program,
  ]
  const env = { PATH: process.env.PATH, NSLAB_STATE_DIR: directory }
  const { stdout } = spawnSync('unshare', words, { encoding: 'utf8', env })
  expect(stdout).toMatch(
    /^PRIVILEGE_MISSING .*may not make a user namespace: No space left on device .*user\.max_\*_namespaces/,
  )
})

test('too few processes for a helper are told, and no helper is left', () => {
  using bob = new TestUser(BOB)
  const limit = "execFileSync('prlimit', ['--pid', String(process.pid), '--nproc=1'])"
  const program = `
    import { execFileSync } from 'node:child_process'
    import { Lab } from '${bob.checkoutPath}/dist/index.js'
    ${limit}
    await Lab.up('{name: ${uniqueName('place')}, nodes: {a: {}}}')${PRINT}`
  const env = { NSLAB_STATE_DIR: join(bob.directory, 'labs') }
  const { stdout } = bob.run([process.execPath, '--input-type=module', '-e', program], { env })
  expect(stdout).toMatch(/^LIMIT_TOO_LOW .*EAGAIN.*ulimit -u/)
  const processes = execFileSync('ps', ['-eo', 'uid=,stat=,args='], { encoding: 'utf8' }).split('\n')
  expect(processes.filter((line) => line.trim().startsWith(`${BOB} `) && !line.includes('defunct'))).toEqual([])
})
