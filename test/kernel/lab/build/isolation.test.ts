// What a command in a node sees, and what it cannot touch.
//
// h1 ── h2
import { mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { test, uniqueName } from '../../../support/lab.js'

const TWO_HOSTS = 'nodes: {h1: {}, h2: {}}\nlinks: [[h1, h2]]\n'

test('a node has a PID 1, a hostname and interfaces of its own', ({ nslab }) => {
  const name = uniqueName('iso')
  expect(nslab(['up', '-', '--name', name], { input: TWO_HOSTS })).toMatchObject({ status: 0 })
  const sh = (script: string) => nslab(['exec', `${name}/h1`, '--', 'sh', '-c', script]).stdout.trim()
  expect(sh('cat /proc/1/comm; cat /proc/1/cmdline | tr "\\0" " "')).toContain(`nslab: ${name}`)
  expect(sh('hostname')).toBe('h1')
  expect(sh('cat /etc/hostname')).toBe('h1')
  expect(sh('ls /sys/class/net').split(/\s+/)).toEqual(['eth0', 'lo'])
  expect(sh("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' ' | sort").split('\n')).toEqual(['eth0', 'lo'])
  expect(sh('id -u')).toBe('0')
  expect(sh('cat /proc/self/uid_map').split(/\s+/)[1]).not.toBe('0')
  expect(sh('getent hosts h2 || grep -w h2 /etc/hosts')).toContain('h2')
  expect(sh('setpriv --reuid 33 --regid 33 --clear-groups grep -w h2 /etc/hosts')).toContain('h2')
  expect(sh('grep -c localhost /etc/hosts')).not.toBe('0')
  expect(sh('ls /run /tmp')).not.toContain('nslab-test')
})

test('root in a node is nobody outside', ({ nslab }) => {
  const name = uniqueName('iso')
  expect(nslab(['up', '-', '--name', name], { input: TWO_HOSTS })).toMatchObject({ status: 0 })
  const before = readFileSync('/proc/sys/kernel/panic', 'utf8')
  const exec = (...command: string[]) => nslab(['exec', `${name}/h1`, '--', ...command])
  expect(exec('cat', '/etc/shadow').status).not.toBe(0)
  expect(exec('sh', '-c', 'echo 77 > /proc/sys/kernel/panic').status).not.toBe(0)
  expect(readFileSync('/proc/sys/kernel/panic', 'utf8')).toBe(before)
})

test('every node is in seven namespaces that neither the host nor another node is in', ({ nslab }) => {
  const name = uniqueName('iso')
  expect(nslab(['up', '-', '--name', name], { input: TWO_HOSTS })).toMatchObject({ status: 0 })
  const { nodes } = nslab(['inspect', name, '--json']).json()
  for (const kind of ['user', 'pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup']) {
    const inodes = nodes.map((node: any) => readlinkSync(`/proc/${node.pid}/ns/${kind}`))
    const own = readlinkSync(`/proc/self/ns/${kind}`)
    expect(new Set([...inodes, own]).size, kind).toBe(3)
    expect(nodes.map((node: any) => `${kind}:[${node.namespaces[kind]}]`)).toEqual(inodes)
  }
})

test("exec returns the command's own status, and nslab's own failures are 125", ({ nslab }) => {
  const name = uniqueName('iso')
  expect(nslab(['up', '-', '--name', name], { input: TWO_HOSTS })).toMatchObject({ status: 0 })
  const status = (...command: string[]) => nslab(['exec', `${name}/h1`, '--', ...command]).status
  expect(status('true')).toBe(0)
  expect(status('sh', '-c', 'exit 42')).toBe(42)
  expect(status('sh', '-c', 'kill -TERM $$')).toBe(143)
  expect(status('sh', '-c', 'kill -KILL $$')).toBe(137)
  expect(status('no-such-command')).toBe(127)
  expect(status('/etc/hostname')).toBe(126)
  expect(nslab(['exec', `${name}/h9`, '--', 'true']).status).toBe(125)
  expect(nslab(['exec', 'no-such-lab/h1', '--', 'true']).status).toBe(125)
  expect(nslab(['exec', `${name}/h1`]).status).toBe(125)
})

test('standard input and output pass through exec, binary-safe', ({ nslab }) => {
  const name = uniqueName('iso')
  expect(nslab(['up', '-', '--name', name], { input: TWO_HOSTS })).toMatchObject({ status: 0 })
  const text = 'one\ntwo\n'.repeat(20_000)
  expect(nslab(['exec', `${name}/h1`, '--', 'cat'], { input: text }).stdout).toBe(text)
  const { stderr, stdout } = nslab(['exec', `${name}/h1`, '--', 'sh', '-c', 'echo out; echo err >&2'], { cwd: '/' })
  expect([stdout, stderr]).toEqual(['out\n', 'err\n'])
})

test('a command keeps the working directory where the node has it, else works in / and says so', ({ nslab }) => {
  const name = uniqueName('iso')
  expect(nslab(['up', '-', '--name', name], { input: TWO_HOSTS })).toMatchObject({ status: 0 })
  const pwd = (cwd: string, ...words: string[]) => nslab(['exec', `${name}/h1`, '--', 'pwd', ...words], { cwd })
  expect(pwd('/usr/bin')).toMatchObject({ stdout: '/usr/bin\n', stderr: '' })
  const missing = mkdtempSync('/tmp/nslab-cwd-')
  onTestFinished(() => rmSync(missing, { recursive: true }))
  expect(pwd(missing)).toMatchObject({ status: 0, stdout: '/\n', stderr: '' })
  // Only a command that names a file there wants the directory.
  writeFileSync(join(missing, 'notes'), '')
  expect(pwd(missing, 'notes')).toMatchObject({ status: 0, stdout: '/\n', stderr: expect.stringContaining(missing) })
})

test('the keeper and the nodes hold no file of the caller', ({ nslab }) => {
  const name = uniqueName('iso')
  expect(nslab(['up', '-', '--name', name], { input: TWO_HOSTS })).toMatchObject({ status: 0 })
  const { nodes } = nslab(['inspect', name, '--json']).json()
  for (const { pid } of nodes) {
    const targets = [0, 1, 2].map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
    expect(targets.every((target) => target.startsWith('/dev/null') || target === '/null')).toBe(true)
  }
})
