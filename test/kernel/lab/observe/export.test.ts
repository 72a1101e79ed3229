// What `export` says of a topology file is what it says of the lab that runs.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { type Cli, ROOT, test, uniqueName } from '../../../support/lab.js'
import { expectLacked } from '../../../support/lacked.js'

type Row = Record<string, unknown>

const TABLES = ['nodes', 'links', 'interfaces', 'addresses', 'routes', 'neighbours'] as const
type Table = (typeof TABLES)[number]

/** Rows without what only a running lab has. What emulates a link is chosen when the lab is built. */
const comparable = (rows: readonly Row[]): Row[] =>
  rows.map(({ state: _, status: __, pid: ___, emulation: ____, ...row }) => row)

/** What the kernel adds by itself: addresses and routes of link-local scope, connected routes, learnt neighbours, lo. */
function isConfigured(table: Table, row: Row): boolean {
  switch (table) {
    case 'nodes':
    case 'links':
    case 'interfaces':
      return true
    case 'addresses':
      return row.scope === 'global'
    case 'routes':
      return row.protocol === 'static'
    case 'neighbours':
      return row.state === 'permanent'
  }
}

/** Expects the configured rows of every table to be the same, in the same order. */
function expectSameTables(nslab: Cli, tables: readonly Table[], file: string, lab: string, input = ''): void {
  for (const table of tables) {
    const rowsOf = (source: string): Row[] => {
      const rows: Row[] = nslab(['export', source, '--table', table, '--json', '--name', lab], { input }).json()
      return comparable(rows.filter((row) => isConfigured(table, row)))
    }
    expect(rowsOf(lab), table).toEqual(rowsOf(file))
  }
}

describe.for(readdirSync(join(ROOT, 'topologies')).filter((file) => file.endsWith('.yaml')))('%s', (file) => {
  test('the file and the running lab have the same tables', ({ nslab }) => {
    const path = `topologies/${file}`
    const name = uniqueName('export')
    const up = nslab(['up', path, '--name', name])
    if (up.status === 4) return expectLacked(path, up, nslab)
    expect(up).toMatchObject({ status: 0 })
    // Other labs may overflow the neighbour table meanwhile: then `neighbours: auto` makes permanent entries of what it left out.
    const tables = TABLES.filter((table) => table !== 'neighbours')
    expectSameTables(nslab, tables, path, name)
  })
})

// client ──── app, whose network helper shares
//        ════ h ─ tap
test('orders that the file and the kernel have of their own do not show', ({ nslab }) => {
  const lab = uniqueName('export')
  const input = `
neighbours: static
nodes:
  client: {}
  app: { namespaces: { user: shared, net: shared } }
  helper: { namespaces: { user: shared, net: shared } }
  h:
    loopback: [192.0.2.9/32, 192.0.2.7/32, "2001:db8::9/128"]
    interfaces:
      tap: { kind: tap }
      lan: { kind: bridge, members: [tap], addresses: [10.9.0.10/24, 10.9.0.2/24, "2001:db8:1::10/64", "2001:db8:1::2/64"] }
    routes:
      - { to: 203.0.113.128/25, dev: lan }
      - { to: 203.0.113.0/25, dev: lan, metric: 5 }
      - { to: 203.0.113.0/25, dev: lan, metric: 3 }
      - { to: "2001:db8:ffff::/48", type: prohibit }
      - { to: default, via: 10.9.0.20, table: 100 }
    neighbours:
      - { address: 10.9.0.100, mac: "02:00:00:00:00:07", dev: lan }
      - { address: 10.9.0.20, mac: "02:00:00:00:00:08", dev: lan }
links: [[client, app], [h, client], [h, client]]
`
  expect(nslab(['up', '-', '--name', lab], { input })).toMatchObject({ status: 0 })
  expectSameTables(nslab, TABLES, '-', lab, input)
})

test('routes that refuse packets, weights and renamed interfaces are told as ip(8) tells them', ({ nslab }) => {
  const lab = uniqueName('export')
  const input = `
nodes:
  a:
    routes:
      - { to: 192.0.2.0/24, type: blackhole }
      - { to: 2001:db8::/32, type: unreachable }
      - { to: 198.51.100.0/24, nexthops: [{ via: 10.0.0.1, weight: 3 }, { via: 10.0.0.3 }] }
  b: {}
links: [[a, b], [a, b]]
`
  expect(nslab(['up', '-', '--name', lab], { input })).toMatchObject({ status: 0 })
  const routes: Row[] = nslab(['export', lab, '--table', 'routes', '--json']).json()
  const route = (destination: string) => routes.find((row) => row.destination === destination)
  expect(route('192.0.2.0/24')).toMatchObject({ type: 'blackhole', gateway: null, interface: null, weight: null })
  expect(route('2001:db8::/32')).toMatchObject({ type: 'unreachable', gateway: null, interface: null })
  expect(route('198.51.100.0/24')).toMatchObject({ gateway: ['10.0.0.1', '10.0.0.3'], weight: [3, 1] })
  expect(route('10.0.0.0/31')).toMatchObject({ type: 'unicast', gateway: null, interface: 'eth0' })

  expect(
    nslab(['exec', `${lab}/a`, '--', 'sh', '-c', 'ip link set eth0 down; ip link set eth0 name wan0 up']),
  ).toMatchObject({
    status: 0,
  })
  const links = nslab(['export', lab, '--table', 'links', '--json']).json()
  expect(links[0]).toEqual({
    a: 'a:wan0',
    b: 'b:eth0',
    type: 'veth',
    state: 'up',
    mtu: 1500,
    emulation: null,
    from_a: null,
    from_b: null,
  })
  const interfaces: Row[] = nslab(['export', lab, '--table', 'interfaces', '--json']).json()
  expect(interfaces.find((row) => row.interface === 'wan0')).toMatchObject({ node: 'a', peer: 'b:eth0' })
  expect(interfaces.find((row) => row.node === 'b' && row.interface === 'eth0')).toMatchObject({ peer: 'a:wan0' })
})
