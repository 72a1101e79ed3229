// What `graph` draws of a running lab: what the kernel has, which for a lab that was just made is what its file says.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished } from 'vitest'
import { type Cli, ROOT, test, uniqueName } from '../../../support/lab.js'
import { expectLacked } from '../../../support/lacked.js'
import { TestUser } from '../../../support/user.js'

const USER = 61_226

describe.for(readdirSync(join(ROOT, 'topologies')).filter((file) => file.endsWith('.yaml')))('%s', (file) => {
  test('the picture of the running lab is that of its file', ({ nslab }) => {
    const path = `topologies/${file}`
    const name = uniqueName('graph')
    const up = nslab(['up', path, '--name', name])
    if (up.status === 4) return expectLacked(path, up, nslab)
    expect(up).toMatchObject({ status: 0 })
    const drawn = (source: string) => nslab(['graph', source, '--name', name, '--format', 'dot']).stdout
    expect(drawn(name)).toEqual(drawn(path))
  })
})

// a ── r ── b ── c
const STATES = 'nodes: {a: {}, r: {kind: router}, b: {kind: router}, c: {}}\nlinks: [[a, r], [r, b], [b, c]]'

describe.each([
  ['root', null],
  ['an ordinary user', USER],
])('as %s', (_, uid) => {
  const cliOf = (nslab: Cli): Cli => {
    if (uid === null) return nslab
    const user = new TestUser(uid)
    onTestFinished(() => user[Symbol.dispose]())
    return (args, options) => user.nslab(args, options)
  }

  test('a dead node, a paused node and a link that is down look so', ({ nslab: asRoot }) => {
    const nslab = cliOf(asRoot)
    const name = uniqueName('states')
    expect(nslab(['up', '-', '--name', name], { input: STATES })).toMatchObject({ status: 0 })
    expect(nslab(['pause', 'a'])).toMatchObject({ status: 0 })
    expect(nslab(['link', 'down', 'r:eth1'])).toMatchObject({ status: 0 })
    const { nodes } = nslab(['inspect', name, '--json']).json()
    process.kill(nodes.find((node: { name: string }) => node.name === 'c').pid, 'SIGKILL')
    const sheet = () => nslab(['graph', name, '--json']).json()
    const statesOf = ({ nodes: drawn }: any) => drawn.map(({ node }: any) => [node.id, node.status])
    expect(statesOf(sheet())).toEqual([
      ['a', 'paused'],
      ['r', 'running'],
      ['b', 'running'],
      ['c', 'dead'],
    ])
    const lines = sheet().lines.map(({ ends, state }: any) => [ends.map(({ node }: any) => node).join('–'), state])
    expect(lines.slice(0, 2)).toEqual([
      ['a–r', 'up'],
      ['r–b', 'down'],
    ])
    const { stdout } = nslab(['graph', name, '--format', 'ascii', '--labels', 'none'], { env: { LC_ALL: 'C.UTF-8' } })
    expect(stdout).toContain('│ a (paused)')
    expect(stdout).toContain('┊ c (dead)')
    expect(stdout).toContain('┊ down')
    const svg = nslab(['graph', name]).stdout
    expect(svg).toMatch(/class="[^"]*paused/)
    expect(svg).toMatch(/class="[^"]*dead/)
    expect(svg).toMatch(/class="line underlay[^"]*down"/)
    for (const format of ['dot', 'mermaid', 'html'])
      expect(nslab(['graph', name, '--format', format])).toMatchObject({ status: 0, stderr: '' })
  })

  test('tunnels lead to the nodes of their remotes, several of a VXLAN too', ({ nslab: asRoot }) => {
    const nslab = cliOf(asRoot)
    const name = uniqueName('tunnels')
    const input = `
nodes:
  a: {interfaces: {vx: {kind: vxlan, id: 7, remote: [b, c]}, t: {kind: gre, key: 5, remote: b}}}
  b: {interfaces: {vx: {kind: vxlan, id: 7, remote: [a, c]}, t: {kind: gre, key: 5, remote: a}}}
  c: {interfaces: {vx: {kind: vxlan, id: 7, remote: [a, b]}}}
links: [[a, b, c]]`
    const up = nslab(['up', '-', '--name', name], { input })
    if (up.status === 4) return
    expect(up).toMatchObject({ status: 0 })
    const { lines } = nslab(['graph', name, '--layer', 'overlay', '--json']).json()
    expect(lines.map(({ id, text }: any) => [id, text.lines]).sort()).toEqual([
      ['a:t--b:t', ['gre 5']],
      ['a:vx--b:vx', ['vxlan 7']],
      ['a:vx--c:vx', ['vxlan 7']],
      ['b:vx--c:vx', ['vxlan 7']],
    ])
  })

  test('positions of the file are those of the running lab', ({ nslab: asRoot }) => {
    const nslab = cliOf(asRoot)
    const name = uniqueName('placed')
    const input = 'nodes: {a: {position: [300, 200]}, b: {position: [100, 50]}}\nlinks: [[a, b]]'
    expect(nslab(['up', '-', '--name', name], { input })).toMatchObject({ status: 0 })
    const centres = nslab(['graph', name, '--json'])
      .json()
      .nodes.map(({ box }: any) => [box.x + box.width / 2, box.y + box.height / 2])
    expect(centres).toEqual([
      [300, 200],
      [100, 50],
    ])
  })
})
