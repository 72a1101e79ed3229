// `link ls`: what links have carried since the last look, and whether the wire lives.
import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, onTestFinished } from 'vitest'
import { type Cli, test, uniqueName } from '../../../support/lab.js'
import { ip } from '../../../support/node-ip.js'
import { TestUser } from '../../../support/user.js'

// a ── b through the wire, a ── c plain
const TOPOLOGY = `
neighbours: static
nodes: { a: {}, b: {}, c: {} }
links: [{ endpoints: [a, b], emulation: wire, delay: 10ms }, [a, c]]
`

const asUser = (): Cli => {
  const user = new TestUser(61_331)
  onTestFinished(() => user[Symbol.dispose]())
  return user.nslab.bind(user)
}

function up(nslab: Cli): string {
  const name = uniqueName('live18look')
  const { status, stderr } = nslab(['up', '-', '--name', name], { input: TOPOLOGY, cwd: '/' })
  expect(status, stderr).toBe(0)
  return name
}

const ls = (nslab: Cli, ...words: string[]): any => nslab(['link', 'ls', '--json', ...words], { cwd: '/' }).json()

describe.for<[string, boolean]>([
  ['root', false],
  ['an unprivileged user', true],
])('for %s', ([, unprivileged]) => {
  test('counts since the last look, and all of it', ({ nslab: rootNslab }) => {
    const nslab = unprivileged ? asUser() : rootNslab
    const name = up(nslab)
    expect(ls(nslab).since).toBeNull()
    const first = ls(nslab)
    expect(nslab(['ping', 'a', 'b', '-c', '20', '-i', '0.01'], { cwd: '/' }).status).toBe(0)
    const { links, since, wire } = ls(nslab)
    expect(Date.parse(since)).toBeGreaterThanOrEqual(Date.parse(first.since))
    const [there, back] = links[0].directions
    expect(there).toMatchObject({ from: 'a:eth0', to: 'b:eth0' })
    for (const [at, direction] of [there, back].entries()) {
      expect(direction.packets).toBeGreaterThanOrEqual(20)
      expect(direction.packets).toBeLessThan(30)
      expect(direction.delayMs.p50).toBeGreaterThanOrEqual(10)
      expect(direction.delayMs.p50).toBeLessThan(15)
      expect(direction.total.packets).toBe(first.links[0].directions[at].total.packets + direction.packets)
    }
    const { stats64 } = ip(nslab, 'b', '-s', 'link', 'show', 'eth0')[0]
    // Neighbour discovery sends a few.
    expect(stats64.rx.packets - there.total.packets).toBeGreaterThanOrEqual(0)
    expect(stats64.rx.packets - there.total.packets).toBeLessThan(5)
    expect(wire).toEqual({ status: 'running', restarts: 0, lost: 0 })

    expect(ls(nslab, `${name}/c:eth0`).links).toHaveLength(1)
    expect(ls(nslab, 'a').links).toHaveLength(2)
    expect(ls(nslab, 'b').links[0]).toMatchObject({ a: 'a:eth0', emulation: 'wire', from_b: 'delay 10ms' })
    expect(ls(nslab, name).links).toHaveLength(2)
    const { stdout } = nslab(['link', 'ls', 'a:eth0'], { cwd: '/' })
    expect(stdout).toMatch(
      /a:eth0 +b:eth0 +up +wire +delay 10ms +delay 10ms +0 \/ 0 +0 \/ 0 +0 \/ 0 +1\d\.\d\d\/\d+\.\d\d, 1\d\./,
    )
  })
})

test('lost frames are counted, by the kernel and by the wire', ({ nslab }) => {
  up(nslab)
  expect(nslab(['link', 'set', 'a:eth0', 'loss=50%', 'delay=none']).status).toBe(0)
  expect(nslab(['link', 'set', 'a:eth1', 'rate=100kbit', 'queue=20']).status).toBe(0)
  ls(nslab)
  nslab(['ping', 'a', 'b', '-c', '100', '-i', '0.002', '-W', '0.1'])
  nslab(['ping', 'a', 'c', '-c', '400', '-i', '0.0005', '-W', '0.1'])
  const [wire, tbf] = ls(nslab).links
  expect(wire.directions[0].drops).toBeGreaterThan(25)
  expect(wire.directions[0].drops).toBeLessThan(75)
  expect(tbf.directions[0].drops).toBeGreaterThan(50)
  expect(tbf.directions[1].drops).toBe(0)
})

test('a wire that ended is told of, and links that went down with it', async ({ nslab, stateDirectory }) => {
  const name = up(nslab)
  const { pid } = nslab(['inspect', '--json']).json().keeper
  const kill = async () => {
    execFileSync('pkill', ['-KILL', '-P', String(pid), '-f', `^nslab: ${name} wire$`])
    await setTimeout(500)
  }
  await kill()
  expect(nslab(['inspect', '--json']).json().wire).toEqual({ status: 'running', restarts: 1, lost: 0 })
  expect(nslab(['inspect']).stdout).toMatch(/the wire of this lab had ended, and was started once more/)
  expect(nslab(['link', 'ls']).stdout).toMatch(/a:eth0 +b:eth0 +up[\s\S]*started once more/)
  expect(nslab(['ping', 'a', 'b', '-c', '1']).status).toBe(0)
  await kill()
  expect(nslab(['inspect', '--json']).json().wire).toEqual({ status: 'ended', restarts: 1, lost: 0 })
  expect(nslab(['link', 'ls']).stdout).toMatch(/a:eth0 +b:eth0 +down[\s\S]*has ended twice/)
  for (const end of ['a:eth0', 'a:eth1']) {
    const { status, stderr } = nslab(['link', 'set', end, 'delay=1ms', 'loss=1%', 'loss.correlation=25%'])
    expect(stderr).toMatch(/the wire of this lab has ended, so its links are down/)
    expect(status).toBe(5)
  }
  const ended = {
    status: 5,
    stderr: expect.stringMatching(
      /the wire of this lab has ended, so its links are down.*\nhint: `nslab down` and `nslab up`/,
    ),
  }
  expect(nslab(['link', 'down', 'a:eth0'])).toMatchObject({ status: 0, stdout: 'a:eth0 is down\n' })
  const failed = nslab(['link', 'up', 'a:eth0'])
  expect(failed).toMatchObject(ended)
  expect(failed.stderr).toContain('nothing carries the frames of a:eth0')
  expect(ip(nslab, 'a', 'link', 'show', 'eth0')[0].flags).toContain('UP')
  expect(nslab(['link', 'flap', 'b:eth0', '--every', '1h'])).toMatchObject({ ...ended, stdout: '' })
  expect(ip(nslab, 'b', 'link', 'show', 'eth0')[0].flags).toContain('UP')
  expect(nslab(['link', 'verify', 'b:eth0'])).toMatchObject({ ...ended, stdout: '' })
  // The link to c is none of the wire's.
  expect(nslab(['ping', 'a', 'c', '-c', '1']).status).toBe(0)
  expect(nslab(['link', 'down', 'a:eth1']).status).toBe(0)
  expect(nslab(['link', 'up', 'a:eth1']).status).toBe(0)
  // A damaged file of counters is as good as none.
  writeFileSync(join(stateDirectory, name, 'last-look.json'), '{"at": 5, "links": [[{"packets": "many"}]]}')
  expect(ls(nslab).since).toBeNull()
  expect(nslab(['down', name]).status).toBe(0)
  expect(existsSync(join(stateDirectory, name))).toBe(false)
})

/** Sends more datagrams than the wire's ring has room for: 8,192 frames. */
const SEND = `
const socket = require('node:dgram').createSocket('udp4')
let left = 30_000
const next = () => (left-- > 0 ? socket.send('x', 9, 'b', next) : socket.close())
next()`

test('frames that a busy wire did not read are told of', ({ nslab }) => {
  const name = up(nslab)
  const [pid] = execFileSync('pgrep', ['-f', `^nslab: ${name} wire$`], { encoding: 'utf8' }).split('\n')
  expect(ls(nslab).wire.lost).toBe(0)
  process.kill(Number(pid), 'SIGSTOP')
  expect(nslab(['exec', 'a', '--', process.execPath, '-e', SEND])).toMatchObject({ status: 0 })
  process.kill(Number(pid), 'SIGCONT')
  const { lost } = nslab(['inspect', '--json']).json().wire
  expect(lost).toBeGreaterThan(20_000)
  expect(lost).toBeLessThan(23_000)
  const told = `the wire lost ${lost} frames of all links`
  expect(nslab(['inspect']).stdout).toContain(`${told} since it was started`)
  expect(nslab(['link', 'ls']).stdout).toContain(`${told} since the last look, before it could read them`)
  // Since the last look, there were none.
  expect(ls(nslab).wire).toEqual({ status: 'running', restarts: 0, lost: 0 })
  expect(nslab(['link', 'ls']).stdout).not.toContain('lost')
})

test('commands that need the wire fail while it is silent', ({ nslab }) => {
  const name = up(nslab)
  const [pid] = execFileSync('pgrep', ['-f', `^nslab: ${name} wire$`], { encoding: 'utf8' }).split('\n')
  process.kill(Number(pid), 'SIGSTOP')
  const silent = { status: 5, stderr: expect.stringMatching(/the lab's wire.*ETIMEDOUT.*\nhint: .*kill -CONT/) }
  expect(nslab(['link', 'verify', 'a:eth0'])).toMatchObject(silent)
  expect(nslab(['link', 'up', 'a:eth0'])).toMatchObject(silent)
  process.kill(Number(pid), 'SIGCONT')
  expect(nslab(['link', 'up', 'a:eth0'])).toMatchObject({ status: 0 })
})
