// nslab link verify on links that the kernel impairs, and what it says of links that do not do what is configured.
import { expect } from 'vitest'
import { type Cli, test, uniqueName } from '../../../support/lab.js'

const NO_NOISE =
  'defaults: { node: { sysctls: { net.ipv6.conf.all.disable_ipv6: 1, net.ipv6.conf.default.disable_ipv6: 1 } } }'

// h1 ── h2
function up(nslab: Cli, keys: string): string {
  const name = uniqueName()
  const link = `{ endpoints: [h1, h2]${keys && `, ${keys}`} }`
  const input = `name: ${name}\n${NO_NOISE}\nnodes: { h1: {}, h2: {} }\nlinks: [${link}]\n`
  expect(nslab(['up', '-'], { input })).toMatchObject({ status: 0 })
  return name
}

const quick = ['--duration', '1', '--tolerance', '1']

test('a rate of 10 Mbit/s, in a table and as JSON', ({ nslab }) => {
  const name = up(nslab, 'rate: 10mbit')
  const { status, stdout } = nslab(['link', 'verify', `${name}/h1:eth0`, '--duration', '2', '--tolerance', '1'])
  expect(status).toBe(0)
  expect(stdout).toMatch(/^frames .* configured .* expected .* observed .* interval .* samples .* verdict$/m)
  expect(stdout).toMatch(/^h1:eth0 → h2:eth0 \((?:tbf|wire)\) +rate +10 Mbit\/s +10 Mbit\/s .* ok$/m)
  expect(stdout).toContain('Intervals hold with 99.9 %')
  const { lab, alpha, directions } = nslab(['link', 'verify', '--all', '--lab', name, '--json', ...quick]).json()
  expect({ lab, alpha }).toEqual({ lab: name, alpha: 0.001 })
  expect(directions.map(({ from, to }: { from: string; to: string }) => [from, to])).toEqual([
    ['h1:eth0', 'h2:eth0'],
    ['h2:eth0', 'h1:eth0'],
  ])
})

test('a link that does something else has the verdict "differs" and exit status 8', ({ nslab }) => {
  const name = up(nslab, 'rate: 10mbit, emulation: auto')
  const change = [
    'tc',
    'qdisc',
    'replace',
    'dev',
    'eth0',
    'root',
    'tbf',
    'rate',
    '8mbit',
    'burst',
    '3028',
    'limit',
    '60000',
  ]
  expect(nslab(['exec', `${name}/h1`, '--', ...change])).toMatchObject({ status: 0 })
  const { status, json } = nslab(['link', 'verify', 'h1', '--json', ...quick])
  const [forth, back] = json().directions.map(({ tests }: any) =>
    tests.find(({ quantity }: any) => quantity === 'rate'),
  )
  expect({ status, forth: forth.verdict, back: back.verdict }).toEqual({ status: 8, forth: 'differs', back: 'ok' })
  expect(forth.observed / 8e6).toBeCloseTo(1, 1)
})

test('loss that nobody configured differs', ({ nslab }) => {
  const name = up(nslab, '')
  const rules = [
    'add table netdev t',
    'add chain netdev t c { type filter hook egress device eth0 priority 0; }',
    'add rule netdev t c numgen inc mod 10 0 drop',
  ]
  for (const rule of rules) expect(nslab(['exec', `${name}/h2`, '--', 'nft', rule])).toMatchObject({ status: 0 })
  const { status, json } = nslab(['link', 'verify', 'h1:eth0', '--json', ...quick])
  const losses = json().directions.map(({ tests }: any) => tests.find(({ quantity }: any) => quantity === 'loss'))
  expect(status).toBe(8)
  expect(losses).toMatchObject([
    { verdict: 'ok', observed: 0, configured: null },
    { verdict: 'differs', observed: 0.1, configured: null },
  ])
})

test('what cannot be verified is refused', ({ nslab }) => {
  up(nslab, '')
  for (const [words, status, message] of [
    [['h1:eth9'], 7, 'h1 has no link at eth9'],
    [['h9:eth0'], 7, 'has no node h9'],
    [[], 2, 'link verify needs either one end of a link or --all'],
    [['h1:eth0', '--all'], 2, 'link verify needs either one end of a link or --all'],
    [['h1:eth0', '--duration', '0'], 2, '0 is not a number of seconds above 0, up to 3600'],
    [['h1:eth0', '--tolerance', '2000'], 2, '2000 is not a number of milliseconds from 0 to 1000'],
    [['h1:eth0', '--probes', '5'], 2, 'probes'],
  ] as const) {
    const { status: own, stderr } = nslab(['link', 'verify', ...words])
    expect({ words, own, stderr }).toEqual({ words, own: status, stderr: expect.stringContaining(message) })
  }
})

test('an interface that is down', ({ nslab }) => {
  const name = up(nslab, '')
  expect(nslab(['exec', `${name}/h1`, '--', 'ip', 'link', 'set', 'eth0', 'down'])).toMatchObject({ status: 0 })
  const { status, stderr } = nslab(['link', 'verify', 'h1:eth0', ...quick])
  expect({ status, stderr }).toEqual({
    status: 5,
    stderr: expect.stringContaining('cannot send a probe (h1:eth0): ENETDOWN'),
  })
})

test('a lab without impairments has nothing to verify', ({ nslab }) => {
  const name = up(nslab, '')
  const { status, stdout, stderr } = nslab(['link', 'verify', '--all'])
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
  expect(stderr).toContain(`no link of lab ${name} impairs frames`)
})

test('a paused lab, whose wire stands still, is refused', ({ nslab }) => {
  const name = up(nslab, 'delay: 1ms')
  expect(nslab(['pause', `${name}/`])).toMatchObject({ status: 0 })
  const { status, stderr } = nslab(['link', 'verify', '--all'])
  expect({ status, stderr }).toEqual({ status: 8, stderr: expect.stringContaining('h1 is paused') })
})
