// Steps of the native helper that the kernel refuses because memory or descriptors run out, or that a container's filter
// forbids: each is an error that names it, or is done in another way. None of them is taken for "there is none".
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { refusing } from '../../support/refuse.js'
import { node, runVerb, SHIM, ShimLab, words } from '../../support/shim.js'

const { EMFILE, ENOMEM } = constants.errno

const labs: ShimLab[] = []
const startLab = async (...before: string[]): Promise<ShimLab> => {
  const lab = await ShimLab.start(before)
  labs.push(lab)
  return lab
}
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.close()
})

describe('a namespace that cannot be looked at is not one that the kernel lacks', () => {
  test('spawn makes no node outside the lab’s PID namespace', async () => {
    const lab = await startLab()
    const { status, reports } = await lab.spawnRaw(words(node('h1')), [], refusing('stat', 'ENOMEM', 'self/ns/pid'))
    const error = { step: 'open-namespace', action: 'read', object: '/proc/self/ns/pid', errno: ENOMEM }
    expect({ status, reports }).toEqual({ status: 1, reports: [{ error }] })
  })

  test('exec runs no command outside a namespace of the node', async () => {
    const lab = await startLab()
    await lab.spawn(node('h1'))
    for (const kind of ['user', 'pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'time']) {
      const before = refusing('stat', 'ENOMEM', `self/ns/${kind}`)
      expect(lab.exec('h1', ['echo', 'ran'], { before })).toEqual({
        status: 125,
        stdout: '',
        stderr: `nslab-shim: cannot read /proc/self/ns/${kind}: Cannot allocate memory\n`,
      })
    }
  })
})

describe('a start time that cannot be read is not a start time', () => {
  test('lab reports no keeper', async () => {
    const before = refusing('open', 'EMFILE', '/stat')
    await expect(startLab(...before)).rejects.toThrow(
      `{"error":{"step":"find-process","action":"find","object":"keeper","errno":${EMFILE}}}`,
    )
  })

  test('spawn reports no node, clone no process', async () => {
    const lab = await startLab()
    const before = refusing('open', 'EMFILE', '/stat')
    const error = { step: 'find-process', action: 'find', errno: EMFILE }
    expect((await lab.spawnRaw(words(node('h1')), [], before)).reports).toEqual([
      { error: { ...error, object: 'keeper' } },
    ])
    await lab.spawn(node('h1'))
    expect(lab.exec('h1', ['true'], { before })).toMatchObject({
      status: 125,
      stderr: `nslab-shim: cannot find process ${lab.node('h1').pid}: Too many open files\n`,
    })
    const { status, reports } = await runVerb('clone', ['--', 'true'], { before })
    expect({ status, reports }).toEqual({ status: 1, reports: [{ error: { ...error, object: 'the program' } }] })
  })
})

test('a verb whose report is lost fails', () => {
  const full = openSync('/dev/full', 'w')
  const { status } = spawnSync(SHIM, ['probe', '--report', '3'], {
    input: words(['namespace', 'net']),
    stdio: ['pipe', 'ignore', 'ignore', full],
  })
  closeSync(full)
  expect(status).toBe(1)
})

describe('what cannot be looked at is not taken for missing', () => {
  const { ENFILE } = constants.errno
  test.each([
    ['a directory that gets a name', 'access', '/srv', ['write', '/srv/x', '644', '0:0', ''], 'find-target', '/srv'],
    ['a target of write', 'stat', '/run/x', ['write', '/run/x', '644', '0:0', ''], 'find-target', '/run/x'],
    ['/dev/net/tun', 'open', 'net/tun', [], 'mount-dev', '/dev/net/tun'],
    ['a cgroup', 'mkdir', 'h1.node', ['cgroup', 'h1.node'], 'enter-cgroup', 'h1.node'],
  ])('%s', async (_, call, path, settings, step, object) => {
    const lab = await startLab()
    const spec = words(node('h1', ...settings))
    const { status, reports } = await lab.spawnRaw(spec, ['--cgroup', '/proc'], refusing(call, 'ENFILE', path))
    const error = { step, object, errno: ENFILE, node: 'h1' }
    const errors = reports.filter((each) => each.error)
    expect({ status, errors }).toMatchObject({ status: 1, errors: [{ error }] })
  })
})

// A kernel before 5.9 lacks close_range(2), and the filter of a container may refuse it. Descriptors that stay open would let
// the caller wait for ever for the end of a report.
describe.each(['ENOSYS', 'EPERM'] as const)('close_range(2) fails with %s', (errno) => {
  const openFds = (pid: number): string[] =>
    readdirSync(`/proc/${pid}/fd`)
      .map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`).replace(/\[[0-9]+\]/, ''))
      .sort()

  test('a lab comes up, and keeper and nodes have no descriptor that is not theirs', async () => {
    const before = refusing('close_range', errno)
    const lab = await startLab(...before)
    expect((await lab.spawnRaw(words([...node('h1'), ...node('h2')]), [], before)).status).toBe(0)
    expect(openFds(lab.keeper.pid)).toEqual([
      ...Array(3).fill('/dev/null'),
      ...[join(lab.directory, 'lock'), 'net:', 'net:', ...Array(3).fill('socket:')],
    ])
    for (const { pid } of lab.nodes.values()) expect(openFds(pid)).toEqual(Array(3).fill('/dev/null'))
  })

  test('no descriptor but standard input, output and error reaches a command', async () => {
    const lab = await startLab()
    await lab.spawn(node('h1'))
    const [program = '', ...rest] = [
      ...refusing('close_range', errno),
      SHIM,
      ...lab.execArguments('h1', ['ls', '/proc/self/fd']),
    ]
    const fd = openSync('/etc', 'r')
    const { stdout } = spawnSync(program, rest, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe', fd, fd, 'pipe', fd],
    })
    closeSync(fd)
    expect(stdout).toBe('0\n1\n2\n3\n') // 3 is ls's own
  })
})
