// Changes of files, names and sysctls inside nodes that run.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { node, ShimLab, type Word } from '../../support/shim.js'

const labs: ShimLab[] = []
const startLab = async (...nodes: Word[][]): Promise<ShimLab> => {
  const lab = await ShimLab.start()
  labs.push(lab)
  expect(await lab.spawn(...nodes)).toMatchObject({ status: 0, stderr: '' })
  return lab
}
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.close()
})

const hex = (text: string): string => Buffer.from(text).toString('hex')
const inside = (lab: ShimLab, name: string, ...extra: Word[]): Word[] => {
  const { pid, startTime } = lab.node(name)
  return ['node', name, String(pid), String(startTime), ...extra, 'end']
}
const sh = (lab: ShimLab, name: string, script: string): string => lab.exec(name, ['sh', '-c', script]).stdout

test('names, files and sysctls of several nodes change in one call', async () => {
  const hosts = ['write', '/etc/hosts', '644', '0:0', hex('old\n')]
  const lab = await startLab(node('h1', ...hosts), node('h2', ...hosts))
  const machine = readFileSync('/etc/hosts', 'utf8')
  const result = await lab.update(
    'text',
    hex('both\n'),
    ...inside(lab, 'h1', 'hostname', 'one', 'domainname', 'example', 'write-text', '/etc/hosts', '644', '0:0', '0'),
    ...inside(lab, 'h2', 'write-text', '/etc/hosts', '600', '7:8', '0', 'sysctl', 'net.ipv4.ip_forward', '1'),
  )
  expect(result).toMatchObject({ status: 0, stderr: '', reports: [] })
  expect(sh(lab, 'h1', 'cat /etc/hosts; cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname')).toBe(
    'both\none\nexample\n',
  )
  expect(
    sh(lab, 'h2', 'cat /etc/hosts; stat -c "%a %u %g" /etc/hosts; cat /proc/sys/net/ipv4/ip_forward; hostname'),
  ).toBe('both\n600 7 8\n1\nh2\n')
  expect(readFileSync('/etc/hosts', 'utf8')).toBe(machine)
  expect(existsSync('/proc/sys/net/ipv4/ip_forward')).toBe(true)
})

test('a file is written in place, so that programs that have it open see the new text, and a shorter one is whole', async () => {
  const lab = await startLab(node('h1', 'write', '/etc/motd-of-node', '644', '0:0', hex('a long old text\n')))
  const inode = sh(lab, 'h1', 'stat -c %i /etc/motd-of-node')
  await lab.update(...inside(lab, 'h1', 'write', '/etc/motd-of-node', '644', '0:0', hex('new\n')))
  expect(sh(lab, 'h1', 'cat /etc/motd-of-node; stat -c %i /etc/motd-of-node')).toBe(`new\n${inode}`)
})

test('a new file is made where the directory is the node’s own, with the directories above it', async () => {
  const lab = await startLab(node('h1', 'write', '/etc/first', '644', '0:0', hex('x')))
  const words = [
    ...['write', '/run/a/b/c', '640', '0:0', hex('deep\n')],
    ...['write', '/etc/second', '755', '1:1', hex('second\n')],
    ...['write', '/tmp/empty', '644', '0:0', ''],
  ]
  expect(await lab.update(...inside(lab, 'h1', ...words))).toMatchObject({ status: 0, reports: [] })
  expect(sh(lab, 'h1', 'cat /run/a/b/c /etc/second; stat -c "%a %u" /run/a/b/c /etc/second /tmp/empty')).toBe(
    'deep\nsecond\n640 0\n755 1\n644 0\n',
  )
  expect(existsSync('/etc/second')).toBe(false)
})

test('a file that is removed uncovers that of the machine', async () => {
  const lab = await startLab(
    node('h1', 'write', '/etc/hosts', '644', '0:0', hex('own\n'), 'write', '/run/x', '644', '0:0', ''),
  )
  expect(
    await lab.update(...inside(lab, 'h1', 'remove', '/etc/hosts', 'remove', '/run/x', 'remove', '/run/none')),
  ).toMatchObject({
    status: 0,
    reports: [],
  })
  expect(sh(lab, 'h1', 'cat /etc/hosts')).toBe(readFileSync('/etc/hosts', 'utf8'))
  expect(sh(lab, 'h1', 'ls /run/x 2>&1 | grep -c No')).toBe('1\n')
})

test('a failure names the node and the step, and hides no other', async () => {
  const lab = await startLab(node('h1'), node('h2'), node('h3'))
  const { status, reports } = await lab.update(
    ...inside(lab, 'h1', 'sysctl', 'net.ipv4.nope', '1'),
    ...inside(lab, 'h2', 'write', '/run/y', '644', '0:0', hex('y')),
    ...['node', 'gone', String(lab.node('h3').pid), '1', 'end'],
    ...inside(lab, 'h3', 'write', '/tmp', '644', '0:0', hex('y')),
  )
  expect(status).toBe(0)
  expect(reports).toMatchObject([
    { failed: { node: 'h1', step: 'write-sysctl', object: 'net.ipv4.nope' } },
    { failed: { node: 'gone', step: 'find-process' } },
    { failed: { node: 'h3', step: 'write-file', object: '/tmp' } },
  ])
  expect(sh(lab, 'h2', 'cat /run/y')).toBe('y')
})

test('no file of the machine is changed, whoever owns it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'nslab-machine-'))
  chmodSync(directory, 0o777)
  const file = join(directory, 'file')
  writeFileSync(file, 'machine')
  chmodSync(file, 0o666)
  const lab = await startLab(node('h1', 'mount', directory, '/srv', 'rw'), [
    'node',
    'h2',
    'namespace',
    'user',
    'host',
    'mount',
    directory,
    '/srv',
    'rw',
    'end',
  ])
  for (const name of ['h1', 'h2'])
    for (const words of [
      ['write', '/srv/file', '644', '0:0', hex('node')],
      ['write', '/srv/new', '644', '0:0', hex('node')],
    ]) {
      const { reports } = await lab.update(...inside(lab, name, ...words))
      expect(reports).toMatchObject([{ failed: { node: name, step: 'own-file' } }])
    }
  await lab.update(...inside(lab, 'h2', 'remove', '/srv/file'))
  expect(readFileSync(file, 'utf8')).toBe('machine')
  expect(existsSync(join(directory, 'new'))).toBe(false)
  rmSync(directory, { recursive: true })
})

test('what a hostile node puts at a path leads nowhere, and does not make the caller wait for ever', async () => {
  // Not below /tmp, of which a node has its own.
  const secret = mkdtempSync('/var/lib/nslab-secret-')
  chmodSync(secret, 0o700)
  writeFileSync(join(secret, 'file'), 'secret')
  const hosts = ['write', '/etc/hosts', '644', '0:0', hex('old\n')]
  const lab = await startLab(node('h1', ...hosts), node('h2', ...hosts), node('h3', ...hosts))
  sh(lab, 'h1', 'umount /etc/hosts; mkfifo /run/fifo; ln -s /run/fifo /run/link')
  sh(lab, 'h2', `ln -s ${secret}/file /run/link; ln -s /proc/1/root/etc/hosts /run/magic`)
  const began = Date.now()
  const { reports } = await lab.update(
    ...inside(lab, 'h1', 'write', '/run/link', '644', '0:0', hex('new')),
    ...inside(lab, 'h2', 'write', '/run/link', '644', '0:0', hex('new')),
    ...inside(lab, 'h2', 'write', '/run/magic', '644', '0:0', hex('new')),
    ...inside(lab, 'h3', 'write', '/etc/hosts', '644', '0:0', hex('new\n')),
  )
  expect(Date.now() - began).toBeLessThan(3000)
  expect(reports.map(({ failed }) => failed.node)).toEqual(['h1', 'h2', 'h2'])
  expect(readFileSync(join(secret, 'file'), 'utf8')).toBe('secret')
  expect(sh(lab, 'h3', 'cat /etc/hosts')).toBe('new\n')
  rmSync(secret, { recursive: true })
})
