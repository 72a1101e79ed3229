// Devices of the machine in a node: taken, and given back as they were. These tests use taps, which the kernel destroys with their
// namespace; test/vm tests a hardware device, which the kernel moves back.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { hostInterfaces, processesOf, test, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

let counter = 0

const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8' })

/** Makes a tap of the machine with addresses. */
function tap(): string {
  const name = `nst${process.pid % 100_000}.${counter++}`
  ip('tuntap', 'add', name, 'mode', 'tap')
  onTestFinished(() => {
    if (hostInterfaces().includes(name)) ip('link', 'delete', name)
  })
  ip('address', 'add', '198.51.100.7/24', 'dev', name)
  ip('address', 'add', '2001:db8:77::7/64', 'dev', name, 'nodad')
  ip('link', 'set', name, 'up', 'mtu', '1400')
  return name
}

/** The configuration of a device on the machine, without what the kernel adds by itself. */
function shown(name: string): unknown {
  const [link] = JSON.parse(ip('-j', 'address', 'show', 'dev', name))
  const { ifindex, ifname, address, mtu, flags, addr_info } = link
  const addresses = addr_info.filter((each: any) => each.scope === 'global').map((each: any) => each.local)
  return { ifindex, ifname, address, mtu, flags, addresses }
}

const holding = (device: string, more = '') =>
  `nodes: {a: {interfaces: {eth9: {device: "${device}", addresses: [192.0.2.1/24], mac: "02:00:00:00:00:99"}}}, b: {}${more}}\nlinks: [[a, b]]`

test('it is in the node under its new name, and comes back as it was', ({ nslab }) => {
  const device = tap()
  const before = shown(device)
  const name = uniqueName('dev')
  expect(nslab(['up', '-', '--name', name], { input: holding(device) })).toMatchObject({ status: 0 })
  expect(hostInterfaces()).not.toContain(device)
  const { stdout } = nslab(['exec', 'a', '--', 'ip', '-br', 'address', 'show', 'dev', 'eth9'], { cwd: '/' })
  expect(stdout).toContain('192.0.2.1/24')
  const eth9 = nslab(['inspect', '--json'])
    .json()
    .nodes[0].interfaces.find((each: any) => each.name === 'eth9')
  expect(eth9).toMatchObject({ mac: '02:00:00:00:00:99', mtu: 1500 })
  expect(nslab(['down', name])).toMatchObject({ status: 0 })
  expect(shown(device)).toEqual(before)
})

test('an up that fails gives it back; a second lab is told that it is not there', ({ nslab }) => {
  const device = tap()
  const before = shown(device)
  const failing = holding(device, ', c: {sysctls: {net.ipv4.nope: 1}}')
  expect(nslab(['up', '-', '--name', uniqueName('dev')], { input: failing })).toMatchObject({ status: 4 })
  expect(shown(device)).toEqual(before)

  // The kernel refuses the second route after the device has been moved into the node.
  const late =
    'nodes: {a: {interfaces: {eth9: {device: "DEV"}}, routes: [{to: 192.0.2.0/24, via: 10.0.0.1}, {to: 192.0.2.0/24, via: 10.0.0.1, metric: 0}]}, b: {}}\nlinks: [[a, b]]'
  const up = nslab(['up', '-', '--name', uniqueName('dev')], { input: late.replace('DEV', device) })
  expect(up.status, up.stderr).not.toBe(0)
  expect(shown(device)).toEqual(before)

  expect(nslab(['up', '-', '--name', uniqueName('dev')], { input: holding(device) })).toMatchObject({ status: 0 })
  const second = nslab(['up', '-', '--name', uniqueName('dev')], { input: holding(device) })
  expect(second).toMatchObject({ status: 5 })
  expect(second.stderr).toMatch(
    new RegExp(`cannot take ${device} of the machine \\(a:eth9\\): the machine has no such`),
  )
  expect(nslab(['down', '--all'])).toMatchObject({ status: 0 })
  expect(shown(device)).toEqual(before)
})

test('a dead node gives it back as well', ({ nslab }) => {
  const device = tap()
  const before = shown(device)
  nslab(['up', '-', '--name', uniqueName('dev')], { input: holding(device) })
  process.kill(nslab(['inspect', '--json']).json().nodes[0].pid, 'SIGKILL')
  expect(nslab(['down', '--all'])).toMatchObject({ status: 0 })
  expect(shown(device)).toEqual(before)
})

test('its addresses and routes come back with all that was said of them, in their order', ({ nslab }) => {
  const device = tap()
  for (const words of [
    ['10.9.9.1', 'peer', '10.9.9.2/32', 'dev', device],
    ['169.254.7.7/16', 'dev', device, 'scope', 'link', 'label', `${device}:z`],
    ['203.0.113.9/24', 'broadcast', '203.0.113.77', 'dev', device, 'valid_lft', '3600', 'preferred_lft', '1800'],
    ['203.0.113.10/24', 'dev', device, 'noprefixroute'],
    ['fe80::7/64', 'dev', device, 'nodad'],
    ['2001:db8:77::8/64', 'dev', device, 'nodad', 'noprefixroute', 'metric', '77'],
    ['2001:db8:77::9', 'peer', '2001:db8:77::a/128', 'dev', device],
  ])
    ip('address', 'add', ...words)
  for (const words of [
    ['10.77.0.0/16', 'via', '198.51.100.1', 'dev', device, 'metric', '7', 'src', '198.51.100.7', 'proto', '99'],
    ['10.78.0.0/16', 'via', '192.0.2.99', 'dev', device, 'onlink', 'table', '1077', 'mtu', '1300'],
    ['10.79.0.0/16', 'dev', device, 'tos', '0x10'],
    ['2001:db8:78::/64', 'via', 'fe80::99', 'dev', device, 'metric', '3'],
  ])
    ip('route', 'add', ...words)
  const described = () => ({
    addresses: JSON.parse(ip('-j', 'address', 'show', 'dev', device))[0].addr_info.map((each: any) => {
      const seconds = (lifetime: number) => Math.round(lifetime / 60)
      return {
        ...each,
        valid_life_time: seconds(each.valid_life_time),
        preferred_life_time: seconds(each.preferred_life_time),
      }
    }),
    routes: ['-4', '-6'].map((family) => ip(family, 'route', 'show', 'table', 'all', 'dev', device).split('\n').sort()),
  })
  const before = described()
  expect(before.addresses.length).toBeGreaterThan(8)
  const name = uniqueName('dev')
  expect(nslab(['up', '-', '--name', name], { input: holding(device) })).toMatchObject({ status: 0 })
  expect(nslab(['down', name])).toMatchObject({ status: 0, stderr: '' })
  expect(described()).toEqual(before)

  // Meanwhile, the lifetime of an address goes on, and the gateway of a route may become unreachable.
  ip('address', 'add', '203.0.113.11/24', 'dev', device, 'valid_lft', '1', 'preferred_lft', '1')
  ip('address', 'add', '192.0.2.77/32', 'dev', 'lo')
  onTestFinished(() => void execFileSync('sh', ['-c', 'ip address delete 192.0.2.77/32 dev lo 2>&1 || true']))
  ip('route', 'add', '10.80.0.0/16', 'dev', device, 'src', '192.0.2.77')
  nslab(['up', '-', '--name', name], { input: holding(device) })
  ip('address', 'delete', '192.0.2.77/32', 'dev', 'lo')
  const down = nslab(['down', name])
  expect(down.stderr).toMatch(/lab .* is down, but a route did not come back: cannot give back route \(a:eth9/)
  expect(down.status).toBe(6)
  expect(described()).toEqual(before)
  expect(nslab(['gc']).stdout).toBe('nothing to remove\n')
})

test('it comes back with its own MAC address whatever it was given in the node', ({ nslab }) => {
  const device = tap()
  const before = shown(device)
  const name = uniqueName('dev')
  nslab(['up', '-', '--name', name], { input: holding(device) })
  nslab(['exec', 'a', '--', 'ip', 'link', 'set', 'eth9', 'address', '02:00:00:00:0b:ad', 'name', 'eth7'])
  expect(nslab(['down', name])).toMatchObject({ status: 0, stderr: '' })
  expect(shown(device)).toEqual(before)
})

test('it comes back from network namespaces that were made in the node', ({ nslab }) => {
  const device = tap()
  const before = shown(device)
  const name = uniqueName('dev')
  nslab(['up', '-', '--name', name], { input: holding(device) })
  const away = 'unshare -n sleep 300 > /dev/null 2>&1 & sleep 0.3; ip link set eth9 netns $!; ls /sys/class/net'
  expect(nslab(['exec', 'a', '--', 'sh', '-c', away]).stdout).toBe('eth0\nlo\n')
  expect(nslab(['down', name])).toMatchObject({ status: 0, stderr: '' })
  expect(shown(device)).toEqual(before)
})

test('what has gone in the node is told, and its record is kept for gc', ({ nslab, stateDirectory }) => {
  const device = tap()
  const name = uniqueName('dev')
  nslab(['up', '-', '--name', name], { input: holding(device) })
  // Another device with the same interface index is not taken for it.
  const index = nslab(['exec', 'a', '--', 'cat', '/sys/class/net/eth9/ifindex']).stdout.trim()
  const { cgroup } = JSON.parse(readFileSync(join(stateDirectory, name, 'state.json'), 'utf8'))
  const swap = `ip link delete eth9 && ip link add eth9 index ${index} type bridge`
  expect(nslab(['exec', 'a', '--', 'sh', '-c', swap])).toMatchObject({ status: 0 })
  const down = nslab(['down', name])
  expect(down.stderr).toContain(
    `lab ${name} is down, but ${device} of the machine did not come back\nhint: \`nslab gc\``,
  )
  expect(down.status).toBe(6)
  expect(processesOf(name)).toEqual([])
  expect(hostInterfaces()).not.toContain(device)
  expect(readdirSync(stateDirectory)).toEqual([name])
  expect(cgroup !== null && existsSync(cgroup)).toBe(false)
  expect(existsSync(`/run/netns/${name}.a`)).toBe(false)
  expect(nslab(['gc'])).toMatchObject({ status: 0, stdout: `removed what ${name} left\n` })
})

test('what cannot be given back keeps nothing else standing', ({ nslab, stateDirectory }) => {
  const device = tap()
  const name = uniqueName('dev')
  nslab(['up', '-', '--name', name], { input: holding(device) })
  const file = join(stateDirectory, name, 'state.json')
  const state = JSON.parse(readFileSync(file, 'utf8'))
  state.devices[0].host.mtu = 1 // the kernel refuses this MTU
  writeFileSync(file, JSON.stringify(state))
  const down = nslab(['down', name])
  expect(down.stderr).toMatch(/did not come back: cannot change link \(a:eth9/)
  expect(down.status).toBe(6)
  expect(processesOf(name)).toEqual([])
  expect(hostInterfaces()).toContain(device)
})

test('after a crash its record is kept until gc has looked for it', ({ nslab, stateDirectory }) => {
  const device = tap()
  const name = uniqueName('dev')
  nslab(['up', '-', '--name', name], { input: holding(device) })
  const { keeper } = JSON.parse(readFileSync(join(stateDirectory, name, 'state.json'), 'utf8'))
  process.kill(keeper.pid, 'SIGKILL')
  for (let tries = 0; tries < 50 && !nslab(['ls']).stdout.startsWith('no labs'); tries++);
  const again = nslab(['up', '-', '--name', name], { input: 'nodes: {a: {}}' })
  expect(again).toMatchObject({ status: 6 })
  expect(again.stderr).toContain(`ended without giving back ${device} to the machine\nhint: \`nslab gc\``)
  const told = `a lab named ${name} has ended without giving back ${device} to the machine: \`nslab gc\``
  expect(nslab(['ls'])).toMatchObject({
    status: 0,
    stdout: `no labs in ${stateDirectory}\n`,
    stderr: expect.stringContaining(told),
  })
  expect(nslab(['down', name])).toMatchObject({ status: 7, stderr: expect.stringContaining(told) })
  const gc = nslab(['gc'])
  expect(gc).toMatchObject({ status: 0, stdout: `removed what ${name} left\n` })
  expect(gc.stderr).toContain(`${device}, which lab ${name} took from the machine, no longer exists`)
})

test('what cannot be taken is refused, and nothing is left', ({ nslab }) => {
  const device = tap()
  const bridge = `nsb${process.pid % 100_000}`
  ip('link', 'add', bridge, 'type', 'bridge')
  onTestFinished(() => void ip('link', 'delete', bridge))
  ip('link', 'set', device, 'master', bridge)
  const up = (text: string) => nslab(['up', '-', '--name', uniqueName('dev')], { input: text })
  expect(up(holding(device))).toMatchObject({ status: 5, stderr: expect.stringContaining(`it belongs to ${bridge}`) })
  expect(up(holding('lo'))).toMatchObject({ status: 5, stderr: expect.stringContaining('loopback') })
  expect(up(holding('nope'))).toMatchObject({ status: 5, stderr: expect.stringContaining('no such device') })
  expect(nslab(['ls']).stdout).toMatch(/^no labs in /)

  const user = new TestUser(61_008)
  onTestFinished(() => user[Symbol.dispose]())
  const refused = user.nslab(['up', '-', '--name', uniqueName('dev')], { input: holding(device) })
  expect(refused).toMatchObject({ status: 4, stderr: expect.stringContaining('only root can take') })
})
