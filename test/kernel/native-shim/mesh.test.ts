// The verb `mesh`: pings between nodes of one segment, and what their kernels know of each other before and after.
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { node, runVerb, ShimLab, words } from '../../support/shim.js'

const NAMES = ['a', 'b', 'c']
let lab: ShimLab

// a, b and c on the bridge of s; the last number of an address is 1 + that of the node
beforeAll(async () => {
  lab = await ShimLab.start()
  expect(await lab.spawn(...['s', ...NAMES].map((name) => node(name)))).toMatchObject({ status: 0 })
  lab.ip('s', 'link add br0 type bridge', 'link set br0 up')
  for (const [number, name] of NAMES.entries()) {
    lab.ip('s', `link add name ${name} type veth peer name eth0 netns ${lab.node(name).pid}`)
    lab.ip('s', `link set dev ${name} master br0 up`)
    lab.ip(name, 'link set lo up', 'link set eth0 up', `addr add 10.9.0.${number + 1}/24 dev eth0`)
    lab.ip(name, `addr add fd09::${number + 1}/64 dev eth0 nodad`)
  }
})
afterAll(() => lab?.close())
beforeEach(() => {
  for (const name of NAMES) lab.ip(name, 'neigh flush all', 'neigh flush nud permanent')
})

const nodeWords = () => NAMES.flatMap((name) => ['node', String(lab.node(name).pid), String(lab.node(name).startTime)])
const addresses = (prefix: string, list = '0') =>
  NAMES.flatMap((_, number) => ['address', list, String(number), `${prefix}${number + 1}`])
const sends = (...numbers: number[]) => numbers.flatMap((number) => ['sends', String(number), '0'])
const mesh = async (...spec: string[]) =>
  (await runVerb('mesh', lab.keeperArguments, { spec: words([...nodeWords(), ...spec]) })).reports

/** The entries of neighbours that are not multicast, as ip(8) has them, without `lladdr`. */
const neighbours = (name: string, family: 4 | 6 = 4): string[] =>
  execFileSync('nsenter', ['-t', String(lab.node(name).pid), '-n', 'ip', `-${family}`, 'neigh'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '' && !/NOARP/.test(line))
    .map((line) => line.replace(/ dev eth0( lladdr [0-9a-f:]+)?/, '').trim())
    .sort()

const time = expect.any(Number)

test.each(['10.9.0.', 'fd09::'])('each row of a tile is a line of times: %s', async (prefix) => {
  const reports = await mesh('count', '2', ...addresses(prefix), ...sends(0, 1, 2))
  expect(reports).toEqual([
    { from: 0, first: 0, count: 2, us: [-1, time, time] },
    { from: 1, first: 0, count: 2, us: [time, -1, time] },
    { from: 2, first: 0, count: 2, us: [time, time, -1] },
  ])
  for (const { us } of reports) expect(Math.max(...us)).toBeLessThan(100_000)
})

test('shares have every pair once', async () => {
  const found: string[] = []
  for (const share of ['0', '1', '2'])
    for (const { from, first, us } of await mesh(
      'share',
      share,
      '3',
      'side',
      '1',
      ...addresses('10.9.0.'),
      ...sends(0, 1, 2),
    ))
      for (const [index, each] of us.entries()) if (each >= 0) found.push(`${from} ${first + index}`)
  expect(found.sort()).toEqual(['0 1', '0 2', '1 0', '1 2', '2 0', '2 1'])
})

test('two nodes learn each other by one question to the one that is meant', async () => {
  const heard: number[] = []
  // The kernel also sends IPv6 reports now and then, which c hears.
  while (!heard.includes(0) && heard.length < 5) {
    for (const name of NAMES) lab.ip(name, 'neigh flush all')
    const before = receivedBy('c')
    await mesh(...addresses('10.9.0.').slice(0, 8), ...sends(0, 1))
    heard.push(receivedBy('c') - before)
    expect(neighbours('a')).toEqual([expect.stringMatching(/^10\.9\.0\.2 (STALE|DELAY|REACHABLE)/)])
    expect(neighbours('b')).toEqual([expect.stringMatching(/^10\.9\.0\.1 (STALE|DELAY|REACHABLE)/)])
  }
  expect(heard).toContain(0)
})

test.each([
  ['10.9.0.', 4],
  ['fd09::', 6],
] as const)(
  'with `forget`, strangers are strangers again, and what was there before stays: %s',
  async (prefix, family) => {
    const mac = '02:00:00:00:00:99'
    lab.ip('c', `neigh add ${prefix}77 lladdr ${mac} dev eth0 nud permanent`)
    const own = interfaceOf('a').address
    lab.ip('c', `neigh add ${prefix}1 lladdr ${own} dev eth0 nud permanent`)
    const reports = await mesh('forget', '1', ...addresses(prefix), ...sends(0, 1, 2))
    expect(reports.map(({ us }) => us)).toEqual([
      [-1, time, time],
      [time, -1, time],
      [time, time, -1],
    ])
    expect(neighbours('a', family)).toEqual([])
    expect(neighbours('b', family)).toEqual([])
    expect(neighbours('c', family)).toEqual([`${prefix}1 PERMANENT`, `${prefix}77 PERMANENT`])
  },
)

test('an address that is not resolved is not pinged', async () => {
  const ignore = (value: number) =>
    execFileSync('nsenter', [
      '-t',
      String(lab.node('b').pid),
      '-n',
      'sysctl',
      '-qw',
      `net.ipv4.conf.eth0.arp_ignore=${value}`,
    ])
  ignore(8)
  try {
    const reports = await mesh('timeout', '300', ...addresses('10.9.0.').slice(4, 8), ...sends(0))
    expect(reports).toEqual([{ from: 0, to: 1, sent: 1, received: 0, us: null }])
  } finally {
    ignore(0)
  }
})

test('a pair that loses a request has a line of its own, and so has an error', async () => {
  lab.ip('s', 'link set dev b down')
  try {
    const reports = await mesh('timeout', '200', 'count', '2', ...addresses('10.9.0.'), ...sends(0, 1))
    expect(reports.filter(({ us }) => Array.isArray(us))).toEqual([{ from: 0, first: 0, count: 2, us: [-1, -1, time] }])
    const lost = reports.filter(({ sent }) => sent !== undefined).map(({ from, to }) => `${from} ${to}`)
    expect(lost.sort()).toEqual(['0 1', '1 0', '1 2'])
  } finally {
    lab.ip('s', 'link set dev b up')
  }
  const reports = await mesh('address', '0', '1', '192.0.2.1', ...sends(0))
  expect(reports).toEqual([
    { from: 0, to: 1, error: 'Network is unreachable' },
    { from: 0, to: 1, sent: 1, received: 0, us: null },
  ])
})

test.each([
  [['count', '0'], '0'],
  [['side', '23'], '23'],
  [['share', '2', '2'], '2'],
  [['sends', '3', '0'], '3'],
  [['address', '8', '0', '10.9.0.1'], '8'],
  [['address', '0', '0', '10.0.0.300'], '10.0.0.300'],
  [['sends', '0', '0', 'node', '1', '1'], 'node'],
  [['node', '0', '0', 'sends', '3', '0'], 'sender'],
])('%j is refused', async (spec, _object) => {
  const { status, reports } = await runVerb('mesh', lab.keeperArguments, { spec: words([...nodeWords(), ...spec]) })
  expect({ status, reports }).toMatchObject({ status: 1, reports: [{ error: { step: 'read-spec' } }] })
})

/** What ip(8) says of an interface. */
function interfaceOf(name: string): { address: string; stats64: { rx: { packets: number } } } {
  const command = ['-t', String(lab.node(name).pid), '-n', 'ip', '-s', '-j', 'link', 'show', 'eth0']
  return JSON.parse(execFileSync('nsenter', command, { encoding: 'utf8' }))[0]
}

/** How many packets have come in from the segment. */
const receivedBy = (name: string): number => interfaceOf(name).stats64.rx.packets
