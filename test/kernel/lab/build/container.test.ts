// A machine as it looks from inside a container: parts of /proc and /sys are masked, /proc/sys is read-only.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type CliResult, processesOf, ROOT, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

const MASKS = `
mount --make-rprivate /
mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys
mount -t tmpfs -o ro none /proc/tty
mount -t tmpfs -o ro none /sys/fs
echo masked
exec sleep 1000`

let container: ChildProcess

beforeAll(async () => {
  container = spawn('unshare', ['-m', 'sh', '-ec', MASKS], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await once(container.stdout as NodeJS.ReadableStream, 'data')
  expect(String(said)).toBe('masked\n')
})

afterAll(async () => {
  container.kill()
  await once(container, 'exit')
})

/** Runs the command of the given checkout in the container. */
function inside(become: string[], checkout: string, state: string, args: string[], input: string): CliResult {
  const enter = ['-t', String(container.pid), '-m', ...become, process.execPath, join(checkout, 'bin/run.js')]
  const { status, stdout, stderr } = spawnSync('nsenter', [...enter, ...args], {
    encoding: 'utf8',
    input,
    env: { PATH: process.env.PATH, NO_COLOR: '1', NSLAB_STATE_DIR: state },
  })
  return { status, stdout, stderr, json: () => JSON.parse(stdout) }
}

type Run = (args: string[], input?: string) => CliResult

function asRoot(): Run {
  const state = mkdtempSync(join(tmpdir(), 'nslab-test-'))
  chmodSync(state, 0o711)
  onTestFinished(() => rmSync(state, { recursive: true, force: true }))
  return (args, input = '') => inside([], ROOT, state, args, input)
}

function asUser(): Run {
  const user = new TestUser(61_003)
  onTestFinished(() => user[Symbol.dispose]())
  const become = ['setpriv', '--reuid', '61003', '--regid', '61003', '--clear-groups']
  return (args, input = '') => inside(become, user.checkoutPath, join(user.directory, 'labs'), args, input)
}

describe.each([
  ['root', asRoot],
  ['an unprivileged user', asUser],
])('in a container, %s', (_, makeRun) => {
  test('has hosts that reach each other, and is told what they lack, once each', () => {
    const nslab = makeRun()
    const name = uniqueName('container')
    const lan = 'nodes: {h1: {}, h2: {}, h3: {}, s: {kind: switch}}\nlinks: [[h1, s], [h2, s], [h3, s]]\n'
    const up = nslab(['up', '-', '--name', name], lan)
    expect(up).toMatchObject({ status: 0 })
    const warnings = up.stderr.split('\n').filter((line) => /\/proc|\/sys/.test(line))
    expect(warnings).toEqual([
      expect.stringContaining('parts of /sys are masked here'),
      expect.stringContaining('cannot mount proc (/proc): EPERM'),
      expect.stringContaining('cannot write sysctls (/proc/sys): EROFS'),
    ])
    for (const family of ['-4', '-6']) {
      const ping = nslab(['ping', '--all', '--lab', name, family])
      expect(ping.status, ping.stdout + ping.stderr).toBe(0)
    }
    const exec = nslab(['exec', `${name}/h1`, '--', 'sh', '-c', 'id -u; hostname; grep -c eth0 /proc/net/dev'])
    expect(exec).toMatchObject({ status: 0, stdout: '0\nh1\n1\n' })
    expect(exec.stderr).not.toContain('/sys')
    expect(nslab(['inspect', name, '--json']).json().nodes).toHaveLength(4)
    expect(nslab(['down', name])).toMatchObject({ status: 0 })
    expect(processesOf(name)).toEqual([])
  })

  test('cannot have routers: that names /proc/sys, and leaves nothing', () => {
    const nslab = makeRun()
    const name = uniqueName('container')
    const up = nslab(['up', '-', '--name', name], 'nodes: {r: {kind: router}, h: {}}\nlinks: [[r, h]]\n')
    expect(up.status).toBe(4)
    expect(up.stderr).toContain('cannot write sysctl (r: net.ipv4.ip_forward): EROFS')
    expect(up.stderr).toContain('/proc/sys is read-only here')
    expect(processesOf(name)).toEqual([])
  })
})
