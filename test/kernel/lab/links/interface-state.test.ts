// `interface down` and `interface up` of interfaces that are no ends of links, read back with iproute2.
import { describe, expect, onTestFinished } from 'vitest'
import { type Cli, test, uniqueName } from '../../../support/lab.js'
import { ip } from '../../../support/node-ip.js'
import { TestUser } from '../../../support/user.js'

// h1 ── s1 ── h2; h1 has a bridge of its own over its link, and a macvlan on a second link to h2
const topology = (name: string) => `
name: ${name}
routing: none
nodes:
  h1:
    interfaces:
      br0: { kind: bridge, members: [eth0], addresses: [192.0.2.1/24, "2001:db8::1/64"] }
      mac0: { kind: macvlan, parent: eth1, addresses: [198.51.100.1/24] }
    routes:
      - { to: 203.0.113.0/24, via: 192.0.2.2 }
      - { to: 203.0.113.0/25, dev: mac0 }
    neighbours: [{ dev: br0, address: 192.0.2.9, mac: 02:00:00:00:00:09 }]
  s1: { kind: switch }
  h2: { addresses: { eth0: [192.0.2.2/24, "2001:db8::2/64"], eth1: [198.51.100.2/24] } }
links: [[h1, s1], [s1, h2], [h1, h2]]
`

/** `linkdown` and `LOWER_UP` come and go with the carrier, which a bridge has late. */
const isCarrier = (key: string, value: unknown): boolean => key === 'flags' && Array.isArray(value)

const tablesOf = (nslab: Cli, node: string): string[] =>
  [
    ['route', 'show', 'table', 'all'],
    ['-6', 'route', 'show', 'table', 'all'],
    ['neighbour', 'show', 'nud', 'permanent'],
    ['address'],
  ]
    .flatMap((words): unknown[] => ip(nslab, node, ...words))
    .map((entry) =>
      JSON.stringify(entry, (key, value) => (key === 'stats64' || isCarrier(key, value) ? undefined : value)),
    )
    .toSorted()

describe.for<[string, boolean]>([
  ['root', false],
  ['an ordinary user', true],
])('for %s', ([, isOrdinary]) => {
  test.for<[interfaceName: string, gone: string[]]>([
    ['h1:br0', ['203.0.113.0/24']],
    ['h1:eth1', []],
    ['h1:mac0', ['203.0.113.0/25']],
  ])('%s has again all that its node had, and what stands on it, too', ([name, gone], { nslab: own }) => {
    const user = isOrdinary ? new TestUser(61_104) : null
    onTestFinished(() => user?.[Symbol.dispose]())
    const nslab: Cli = user ? user.nslab.bind(user) : own
    const lab = uniqueName('ifstate')
    const built = nslab(['up', '-'], { input: topology(lab), cwd: '/' })
    expect(built.status, built.stderr).toBe(0)
    const before = tablesOf(nslab, 'h1')
    const [node = '', short = ''] = name.split(':')

    expect(nslab(['interface', 'down', name], { cwd: '/' }).stdout).toBe(`${name} is down\n`)
    expect(ip(nslab, node, 'link', 'show', short)[0].flags).not.toContain('UP')
    const left = tablesOf(nslab, 'h1').join('\n')
    for (const route of gone) expect(left).not.toContain(`"dst":"${route}"`)
    expect(nslab(['interface', 'down', `${lab}/${name}`], { cwd: '/' }).stdout).toBe(`${name} is down already\n`)

    const { changes } = nslab(['interface', 'up', name, '--json'], { cwd: '/' }).json()
    expect(changes).toEqual([{ endpoint: name, state: 'up', changed: true }])
    expect(tablesOf(nslab, 'h1')).toEqual(before)
    expect(nslab(['ping', 'h1', '192.0.2.2', '-c', '1'], { cwd: '/' }).status).toBe(0)
  })

  test('the bridge of a switch goes down and comes up', ({ nslab: own }) => {
    const user = isOrdinary ? new TestUser(61_104) : null
    onTestFinished(() => user?.[Symbol.dispose]())
    const nslab: Cli = user ? user.nslab.bind(user) : own
    expect(nslab(['up', '-'], { input: topology(uniqueName('ifstate')), cwd: '/' }).status).toBe(0)
    expect(nslab(['interface', 'down', 's1:br0'], { cwd: '/' }).status).toBe(0)
    expect(nslab(['ping', 'h1', '192.0.2.2', '-c', '1', '-W', '0.3'], { cwd: '/' }).status).toBe(8)
    expect(nslab(['interface', 'up', 's1:br0'], { cwd: '/' }).status).toBe(0)
    expect(nslab(['ping', 'h1', '192.0.2.2', '-c', '1'], { cwd: '/' }).status).toBe(0)
  })
})
