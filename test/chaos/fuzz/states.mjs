// Mutated states: one value of a lab's state.json changed, and every command tried on that.
import { tryCase } from '../state/case.mjs'
import { COMMANDS } from '../state/commands.mjs'
import { Site } from '../state/site.mjs'

/** `$CHAOS` is this suite's directory. */
const SET = '$CHAOS/fuzz/set.mjs'
const RUNS = { short: 40, long: 3000 }
const USER = 65_502

/** Every key that a state has, and some that it may have. */
const PATHS = [
  'version',
  'lab',
  'status',
  'rootless',
  'keeper',
  'keeper.pid',
  'keeper.startTime',
  'cgroup',
  'links',
  'links.0',
  'links.0.0',
  'nodes',
  'nodes.0',
  'nodes.0.name',
  'nodes.0.pid',
  'nodes.0.startTime',
  'nodes.0.netnsFd',
  'nodes.0.kind',
  'nodes.0.cgroup',
  'nodes.0.ipv4',
  'nodes.0.ipv6',
  'nodes.0.labels',
  'nodes.0.env',
  'nodes.1',
  'devices',
  'unknown',
]

const DEVICE = {
  ...{ node: 'a', interface: 'eth0', index: 16, mac: null },
  host: {
    name: 'lo',
    index: 1,
    kind: null,
    mac: null,
    permanentMac: null,
    mtu: 65536,
    up: true,
    seenAt: 0,
    addresses: ['AA=='],
    routes: ['x'],
  },
}

const VALUES = [
  '-',
  'null',
  'true',
  '-1',
  '0',
  '1',
  '2',
  '1.5',
  '1e308',
  '4294967297',
  '""',
  '"a"',
  '"../../etc"',
  '"/etc/passwd"',
  '"a\\u0000b"',
  '"\\u001b[2J\\n"',
  '"__proto__"',
  '[]',
  '{}',
  '[null]',
  '[[]]',
  '[1,2,3]',
  '{"a":{"b":{"c":[]}}}',
  '{"pid":1,"startTime":0}',
  '{"A=B":"c","":"","x":"a\\u0000b"}',
  `[${JSON.stringify(DEVICE)}]`,
  `[${JSON.stringify({ ...DEVICE, host: {} })}]`,
  JSON.stringify('x'.repeat(100_000)),
]

/** @param {{ random: ReturnType<typeof import('../random.mjs').randomFrom>, long: boolean }} options */
export async function fuzzStates({ random, long }) {
  const count = long ? RUNS.long : RUNS.short
  const cases = Array.from({ length: count }, () => caseOf(random))
  const sites = [0, USER].map((uid, number) => new Site(uid, number))
  const found = new Map()
  await Promise.all(
    sites.map(async (site, number) => {
      for (const each of cases.filter((_, index) => index % sites.length === number)) {
        for (const { what, how } of await tryCase(site, each)) {
          const key = `${what} (${each.runs ? 'the lab runs' : 'the lab is dead'})`
          const shown = `${site.uid === 0 ? '' : 'as an ordinary user: '}${how}`
          if (!found.has(key) || found.get(key).length > shown.length) found.set(key, shown)
        }
      }
    }),
  )
  return { figures: { 'mutated states': count }, failures: [...found].sort().map(([key, how]) => `${key}: ${how}`) }
}

function caseOf(random) {
  const [path, value] = [random.pick(PATHS), random.pick(VALUES)]
  const shell = `node ${SET} $D/state.json ${path} '${value}'`
  return { runs: random.fraction() < 0.8, command: random.pick(COMMANDS), damage: { name: 'state', shell } }
}
