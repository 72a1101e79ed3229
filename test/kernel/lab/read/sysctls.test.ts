// Sysctls of nodes, read in the namespaces that own them, and the values of a new node.
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'vitest'
import { ROOT, test, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

const OBSERVE = join(ROOT, 'test/support/observe.mjs')
const PRISTINE = join(ROOT, 'test/support/pristine.mjs')

const KEYS = [
  'net.ipv4.ip_forward',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_rmem',
  'net.ipv6.conf.default.accept_ra',
  'kernel.shmmni',
  'kernel.sem',
  'kernel.nonexistent',
]

// h1:lan0 was eth0 ── h2
test('values are the node’s own, also those of a renamed interface and of System V IPC', ({
  nslab,
  stateDirectory,
}) => {
  const lab = uniqueName('read')
  const sysctls = '{kernel.shmmni: 77, net.ipv4.conf.eth0.rp_filter: 2, net.ipv4.tcp_rmem: 4096 5000 60000}'
  nslab(['up', '-', '--name', lab], { input: `nodes: {h1: {sysctls: ${sysctls}}, h2: {}}\nlinks: [[h1, h2]]\n` })
  nslab(['exec', 'h1', '--', 'sh', '-c', 'ip link set eth0 down; ip link set eth0 name lan0; ip link set lan0 up'])
  const [{ ifindex: index }] = JSON.parse(nslab(['exec', 'h1', '--', 'ip', '-j', 'link', 'show', 'lan0']).stdout)
  const keys = ['net.ipv4.conf.eth0.rp_filter', 'net/ipv4/conf/eth0/mc_forwarding', 'net.ipv4.conf.eth0.nonexistent']
  const asked = { h1: { node: KEYS, interfaces: [{ index, name: 'eth0', keys }] } }
  const { stdout, stderr } = spawnSync(process.execPath, [OBSERVE, lab], {
    encoding: 'utf8',
    input: JSON.stringify(asked),
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
  })
  expect(stderr).toBe('')
  const [h1, h2] = JSON.parse(stdout)
  const shown = (key: string) => nslab(['exec', 'h1', '--', 'sysctl', '-n', key]).stdout.trim().replaceAll('\t', ' ')
  const there = KEYS.filter((key) => key !== 'kernel.nonexistent')
  expect(h1.sysctls).toEqual(Object.fromEntries(there.map((key) => [key, shown(key)])))
  expect(h1.sysctls).toMatchObject({ 'kernel.shmmni': '77', 'net.ipv4.ping_group_range': '0 0' })
  const lan0 = h1.interfaces.find(({ name }: { name: string }) => name === 'lan0')
  expect(lan0.sysctls).toEqual({ 'net.ipv4.conf.eth0.rp_filter': '2', 'net/ipv4/conf/eth0/mc_forwarding': '0' })
  expect(h2.sysctls).toEqual({})
})

test('what root has mounted over /proc/sys in a node is not read', ({ nslab, stateDirectory }) => {
  const lab = uniqueName('read')
  nslab(['up', '-', '--name', lab], { input: 'nodes: {h1: {}}\n' })
  const lie =
    'mkfifo /tmp/lie; mount --bind /tmp/lie /proc/sys/net/ipv4/ip_forward; stat -c %F /proc/sys/net/ipv4/ip_forward'
  expect(nslab(['exec', 'h1', '--', 'sh', '-c', lie]).stdout).toBe('fifo\n')
  const { stdout } = spawnSync(process.execPath, [OBSERVE, lab], {
    encoding: 'utf8',
    input: JSON.stringify({ h1: { node: ['net.ipv4.ip_forward'], interfaces: [] } }),
    env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
    timeout: 20_000,
  })
  expect(JSON.parse(stdout)[0].sysctls).toEqual({ 'net.ipv4.ip_forward': '0' })
})

const FRESH = [
  'net.ipv4.ip_forward',
  'net.ipv4.tcp_rmem',
  'net.ipv6.conf.default.accept_ra',
  'kernel.shmmni',
  'kernel.sem',
]

test('values of a new node are those of fresh namespaces, and the caller’s own stay', () => {
  const show = (...words: string[]) =>
    Object.fromEntries(
      FRESH.map((key) => {
        const [program = '', ...rest] = [...words, 'sysctl', '-n', key]
        return [key, execFileSync(program, rest, { encoding: 'utf8' }).trim().replaceAll('\t', ' ')]
      }),
    )
  const expected = { ...show('unshare', '--net', '--ipc', '--uts'), 'net.ipv4.ping_group_range': '1 0' }
  const keys = [...FRESH, 'net.ipv4.ping_group_range', 'net.ipv4.nonexistent']
  expect(JSON.parse(execFileSync(process.execPath, [PRISTINE, ...keys], { encoding: 'utf8' }))).toEqual(expected)

  using alice = new TestUser(61_102)
  const asUser = alice.run(['unshare', '--user', '--map-root-user', '--net', process.execPath, PRISTINE, ...keys])
  expect(asUser.stderr).toBe('')
  expect(asUser.json()).toEqual(expected)
})
