// A command of a topology that comes upon a limit of the machine: the error names the sysctl that raises it.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, onTestFinished } from 'vitest'
import { type Cli, processesOf, test, uniqueName } from '../../../support/lab.js'
import { TestUser, userWithRange } from '../../../support/user.js'

const HINT =
  'hint: the machine may have no more inotify instances for this user, which all nodes share: `sysctl -w fs.inotify.max_user_instances=8192`\n'

const INSTANCES = Number(readFileSync('/proc/sys/fs/inotify/max_user_instances', 'utf8'))
const hasDnsmasq = spawnSync('dnsmasq', ['--version']).status === 0

function as(user: TestUser): Cli {
  onTestFinished(() => user[Symbol.dispose]())
  return user.nslab.bind(user)
}

const CALLERS: readonly (readonly [string, (root: Cli) => Cli | null])[] = [
  ['root', (root) => root],
  ['a user with one id', () => as(new TestUser(61_021))],
  [
    'a user with a range of ids',
    () => {
      const user = userWithRange()
      return user && as(user)
    },
  ],
]

describe.each(CALLERS)('as %s', (who, cliOf) => {
  test('Node.js, which may make no inotify instance', ({ nslab, skip }) => {
    const cli = cliOf(nslab) ?? skip()
    const name = uniqueName('limit')
    const watch = JSON.stringify([process.execPath, '-e', 'require("fs").watch("/")'])
    // inotify_init(2) fails with EMFILE by this limit, which is the user namespace's own, as by the machine's (namespaces(7)).
    const input = `nodes: {a: {exec: ["echo 0 > /proc/sys/user/max_inotify_instances", ${watch}]}}`
    const { status, stderr } = cli(['up', '-', '--name', name], { input })
    expect(stderr).toContain("Error: EMFILE: too many open files, watch '/'")
    expect(stderr).toContain(HINT)
    expect(status).toBe(8)
    expect(processesOf(name)).toEqual([])
  })

  // dnsmasq(8) cannot run where it can have no other group.
  const cannotRun = !hasDnsmasq || INSTANCES > 256 || who === 'a user with one id'
  test.skipIf(cannotRun)('one dnsmasq more than the machine has inotify instances', ({ nslab, skip }) => {
    const cli = cliOf(nslab) ?? skip()
    const name = uniqueName('limit')
    const dnsmasq = '"dnsmasq --conf-file=/dev/null --pid-file=/run/dnsmasq.pid"'
    const input = `nodes: {"n{i}": {repeat: {i: 1..${INSTANCES + 1}}, exec: [${dnsmasq}]}}`
    const { status, stderr } = cli(['up', '-', '--name', name], { input })
    expect(stderr).toMatch(/error: n[0-9]+: `dnsmasq .* ended with status 5:$/m)
    expect(stderr).toContain('dnsmasq: failed to create inotify: Too many open files\n')
    expect(stderr).toContain(HINT)
    expect(status).toBe(8)
    expect(processesOf(name)).toEqual([])
  })
})
