// `plan --script`: the script makes the same state in the kernel as `up`. Kinds of interfaces that this kernel lacks are in
// test/vm.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { Lab } from '../../../src/index.js'
import { type Cli, ROOT, test, uniqueName } from '../../support/lab.js'
import { bothNetworks, ScriptLab } from '../../support/script-lab.mjs'

function scriptOf(nslab: Cli, input: string, name = 'script'): string {
  const { status, stdout, stderr } = nslab(['plan', '-', '--name', name, '--script'], { input })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

async function scriptLab(script: string): Promise<ScriptLab> {
  const lab = await ScriptLab.run(script)
  onTestFinished(() => lab.close())
  return lab
}

async function expectSame(nslab: Cli, input: string): Promise<ScriptLab> {
  const name = uniqueName('script')
  const up = nslab(['up', '-', '--name', name], { input })
  expect(up, up.stderr).toMatchObject({ status: 0 })
  return await expectSameAs(name, nslab, input)
}

/** @param name name of the lab that `up` made of `input` */
async function expectSameAs(name: string, nslab: Cli, input: string): Promise<ScriptLab> {
  const made = await scriptLab(scriptOf(nslab, input, name))
  const both = await bothNetworks(Lab.attach(name), made)
  const nodes = Object.entries(both.lab)
  expect(made.exec('ip', 'netns').match(/^\S+/gm)?.sort()).toEqual(nodes.map(([node]) => node).sort())
  for (const [node, network] of nodes) {
    expect(network).toMatchObject({ links: expect.arrayContaining([expect.stringContaining('"ifname":"lo"')]) })
    expect(both.script[node], node).toEqual(network)
  }
  return made
}

const files = readdirSync(join(ROOT, 'topologies')).filter((file) => file.endsWith('.yaml'))

test.for(files)('the script of %s makes what up makes', async (file, { nslab }) => {
  const input = readFileSync(join(ROOT, 'topologies', file), 'utf8')
  const name = uniqueName('script')
  const up = nslab(['up', '-', '--name', name], { input })
  // Kinds that this kernel lacks are compared in test/vm.
  if (up.status === 4)
    await expect(scriptLab(scriptOf(nslab, input))).rejects.toThrow(/Unknown device type|Operation not supported/)
  else if (wiresOf(nslab, name).length > 0) expectNamed(scriptOf(nslab, input), wiresOf(nslab, name))
  else await expectSameAs(name, nslab, input)
})

/** The links of a lab that nslab's wire carries, which iproute2 does not have: where the kernel has netem, none of these. */
const wiresOf = (nslab: Cli, lab: string): { a: string; b: string }[] =>
  nslab(['export', lab, '--table', 'links', '--json'])
    .json()
    .filter(({ emulation }: { emulation: string | null }) => emulation === 'wire')

/** Expects a script to say that it does not emulate links. */
function expectNamed(script: string, links: readonly { a: string; b: string }[]): void {
  expect(script).toContain('# Only nslab’s own wire emulates these links')
  for (const end of links.flatMap(({ a, b }) => [a, b])) {
    const [node, name] = end.split(':')
    expect(script).toMatch(new RegExp(`^#   .*${node}: .*"${name}"`, 'm'))
  }
}

const examples = [...readFileSync(join(ROOT, 'docs/routes.md'), 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```/gm)]

test.for(examples.map(([, text]) => text as string))(
  'routes, next-hop objects and rules as data: %s',
  async (input, { nslab }) => {
    await expectSame(nslab, input)
  },
)

// Names that the shell or iproute2 could misread; `a` shares its network with two other nodes
const STRANGE = `
nodes:
  a:
    namespaces: { user: shared, net: shared }
    sysctls: { net.ipv4.conf.all.arp_ignore: 1, kernel.msgmax: 4096 }
    interfaces:
      t: { kind: bridge, members: [mtu], addresses: [192.0.2.1/24], stp: true, priority: 4096 }
      "#v": { kind: macvlan, parent: "$(id)", mode: private, addresses: [198.51.100.1/24] }
      "-x'y": { kind: vxlan, id: 7, remote: [b, 192.0.2.7], addresses: ["2001:db8::1/64"], learning: false }
      \u00fc: { kind: vxlan, id: 8, remote: 239.1.1.1, dev: "$(id)", addresses: [203.0.113.1/24] }
    nexthops: { 7: { via: 192.0.2.9 }, 8: { via: "2001:db8::9" }, 9: { group: { 7: 3 } } }
    routes: [{ to: 198.18.0.0/15, nhid: 7 }, { to: "2001:db8:1::/48", via: "2001:db8::5" }]
    rules: [{ iif: "$(id)", table: 1000 }, { iif: "-x'y", family: 6, action: prohibit }]
    neighbours: [{ address: 192.0.2.77, mac: "02:00:00:00:00:98" }]
  guest: { namespaces: { user: shared, net: shared } }
  b: { kind: router, hostname: other }
links:
  - ["a:mtu", b]
  - { endpoints: ["a:$(id)", b], mtu: 9000 }
  - { endpoints: ["a:type", b], subnets: [10.1.0.0/24] }
`

test('names are what they are, whatever they look like', async ({ nslab }) => {
  const made = await expectSame(nslab, STRANGE)
  expect(made.execIn('guest', 'ip', '-o', 'link')).toContain('#v@$(id)')
}, 180_000)

/** Sends a packet to a port without a listener. @returns the ICMP answer of the kernel there, or nothing after two seconds */
const ASK = `const [family, address] = process.argv.slice(1)
const socket = require('node:dgram').createSocket(family)
socket.on('error', ({ code }) => { console.log(code); process.exit() })
socket.connect(9, address, () => socket.send('x'))
setTimeout(() => process.exit(), 2000)`

// h1 ── r1 ── r2 ── h2
test('the first packet of each family comes there and its answer back, at once', async ({ nslab }) => {
  const made = await scriptLab(scriptOf(nslab, readFileSync(join(ROOT, 'topologies/two-routers.yaml'), 'utf8')))
  const ask = (...words: string[]) => made.execIn('h1', process.execPath, '-e', ASK, ...words)
  expect([ask('udp4', '10.0.0.5'), ask('udp6', 'fd00::5')]).toEqual(['ECONNREFUSED\n', 'ECONNREFUSED\n'])
  made.execIn('r2', 'ip', 'route', 'flush', 'dev', 'eth0')
  expect(ask('udp4', '10.0.0.5')).toBe('')
})

test('a device of the machine goes into its node, under its new name', async ({ nslab }) => {
  const input = 'nodes: {a: {interfaces: {t: {device: spare, mac: "02:00:00:00:00:99", addresses: [192.0.2.1/24]}}}}'
  const made = await scriptLab(`ip tuntap add spare mode tap\n${scriptOf(nslab, input)}`)
  const [t] = JSON.parse(made.execIn('a', 'ip', '-j', 'address', 'show', 'dev', 't'))
  expect(t).toMatchObject({ address: '02:00:00:00:00:99', mtu: 1500, flags: expect.arrayContaining(['UP']) })
  expect(t.addr_info[0]).toMatchObject({ local: '192.0.2.1', prefixlen: 24 })
  expect(made.exec('ip', '-o', 'link')).not.toContain('spare')
})

test('a script that cannot go on says why and stops', async ({ nslab }) => {
  const { stdout } = nslab(['plan', 'topologies/two-hosts.yaml', '--script'])
  await expect(ScriptLab.run(`ip netns add h2\n${stdout}\necho not reached`)).rejects.toThrow(
    /^the script ended with 1: .*Cannot create namespace file.*h2.*: File exists\n$/s,
  )
})

test('the command that a plan shows for a node runs', async ({ nslab }) => {
  const input = 'nodes: {r: {kind: router, domainname: "it\'s", sysctls: {net.ipv4.tcp_rmem: 4096 8192 16384}}}'
  const [add] = nslab(['plan', '-', '--name', 'shown', '--json'], { input }).json().ops
  const made = await ScriptLab.run(':')
  onTestFinished(() => made.close())
  const inside = 'hostname; domainname; cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/tcp_rmem'
  expect(made.exec('sh', '-c', add.command.replace('…', inside))).toBe("r\nit's\n1\n4096\t8192\t16384\n")
})
