// `plan --script`: what the kernel holds after the script is what it holds after `up`. Kinds of interfaces that this kernel
// lacks are in test/vm.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { Lab } from '../../src/index.js'
import { type Cli, ROOT, test, uniqueName } from '../support/lab.js'
import { bothNetworks, ScriptLab } from '../support/script-lab.mjs'

async function scriptLab(nslab: Cli, input: string): Promise<ScriptLab> {
  const { status, stdout, stderr } = nslab(['plan', '-', '--name', 'script', '--script'], { input })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const lab = await ScriptLab.run(stdout)
  onTestFinished(() => lab.close())
  return lab
}

async function expectSame(nslab: Cli, input: string): Promise<ScriptLab> {
  const made = await scriptLab(nslab, input)
  const name = uniqueName('script')
  expect(nslab(['up', '-', '--name', name], { input })).toMatchObject({ status: 0 })
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
  await expectSame(nslab, readFileSync(join(ROOT, 'topologies', file), 'utf8'))
})

const examples = [...readFileSync(join(ROOT, 'docs/routes.md'), 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```/gm)]

test.for(examples.map(([, text]) => text as string))(
  'routes, next-hop objects and rules as data: %s',
  async (input, { nslab }) => {
    await expectSame(nslab, input)
  },
)

// Names that the shell, or iproute2, could take for something else; a: three nodes in one network
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
})
