// The first packets of a lab that ARP and ND alone would lose, since the machine's neighbour tables are too small for it.
import { expect } from 'vitest'
import { neighbourTables } from '../../../../src/lab/who/neighbour-tables.js'
import { test, uniqueName } from '../../../support/lab.js'
import { ip } from '../../../support/node-ip.js'

// Routers r0, r1, …, each linked with each: more links than there is room for the entries of both of their ends.
function fullMesh(header = ''): string {
  const { ipv6 } = neighbourTables()
  const count = Math.ceil((1 + Math.sqrt(1 + 2 * (ipv6 ?? 1024))) / 2) + 1
  const routers = Array.from({ length: count }, (_, at) => `r${at}`)
  const links = routers.flatMap((a, at) => routers.slice(0, at).map((b) => `[${a}, ${b}]`))
  return `${header}families: [6]\nnodes: {${routers.map((name) => `${name}: {kind: router}`)}}\nlinks: [${links}]`
}

// A machine with a large table would need thousands of links.
const isSmall = (neighbourTables().ipv6 ?? 1024) <= 2048

test.runIf(isSmall)('every first ping passes in a mesh that overflows the neighbour table', ({ nslab }) => {
  const name = uniqueName('neigh')
  const up = nslab(['up', '-', '--name', name], { input: fullMesh() })
  expect(up, up.stderr).toMatchObject({ status: 0 })
  expect(up.stderr).toMatch(/^nslab: note: nodes have permanent IPv6 neighbour entries/m)
  expect(ip(nslab, 'r0', '-6', 'neighbour').filter(({ state }: any) => state.includes('PERMANENT'))).toHaveLength(
    ip(nslab, 'r0', 'link').length - 1,
  )
  const { sent, received } = nslab(['ping', '--all', '--lab', name, '-6', '--json']).json()
  expect([received, sent > 0]).toEqual([sent, true])
})

test.runIf(isSmall)('`neighbours: dynamic` has no permanent entries, and a warning with the sysctl', ({ nslab }) => {
  const up = nslab(['up', '-', '--name', uniqueName('neigh')], { input: fullMesh('neighbours: dynamic\n') })
  expect(up, up.stderr).toMatchObject({ status: 0 })
  expect(up.stderr).toMatch(/^nslab: warning: .*sysctl -w net\.ipv6\.neigh\.default\.gc_thresh3=/m)
  expect(ip(nslab, 'r0', '-6', 'neighbour').filter(({ state }: any) => state.includes('PERMANENT'))).toEqual([])
})

//   a, v4, v6 ── lan     v4 has no IPv6, v6 no IPv4
test('a node has permanent entries of its own families alone', ({ nslab }) => {
  const input = `
neighbours: static
nodes: { a: {}, v4: { families: [4] }, v6: { families: [6] }, quiet: { sysctls: { net.ipv6.conf.eth0.disable_ipv6: 1 } } }
links: [{ endpoints: [a, v4, v6, quiet] }]`
  const up = nslab(['up', '-', '--name', uniqueName('neigh')], { input })
  expect(up, up.stderr).toMatchObject({ status: 0 })
  const entriesOf = (node: string) => ['-4', '-6'].map((family) => ip(nslab, node, family, 'neighbour').length)
  expect(['a', 'v4', 'v6', 'quiet'].map(entriesOf)).toEqual([
    [2, 1],
    [2, 0],
    [0, 1],
    [2, 0],
  ])
  expect(nslab(['ping', 'a', 'v4', '-4']).status).toBe(0)
  expect(nslab(['ping', 'a', 'v6', '-6']).status).toBe(0)
})
