// A program that uses the library: makes one lab after another, and says what it has more of than before. Run with --expose-gc.
//
//   node --expose-gc soak/library.mjs CYCLES SEED
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { Lab } from '../../../dist/index.js'
import { randomFrom } from '../random.mjs'

/** Everything is loaded, compiled and cached by then. */
const WARM_UP = 60
/** What a heap may have more of without a leak. */
const ROOM = { heapMb: 3, rssMb: 20, eachKb: 2 }

const TOPOLOGY = `name: soak
nodes: { a: { files: { /etc/motd: hello }, exec: [ "true" ] }, r: { kind: router }, b: {} }
links: [[a, r], [r, b]]
`
/** Refused when the nodes stand, so that they are rolled back. */
const REFUSED = TOPOLOGY.replace(
  'r: { kind: router }',
  'r: { kind: router, sysctls: { net.ipv4.nothing_of_that_name: 1 } }',
)
const WIRED = TOPOLOGY.replace('[a, r]', '{ endpoints: [a, r], emulation: wire, delay: 1ms }')
const FAILING = TOPOLOGY.replace('"true"', '"false"')

const rejects = async (promise) => {
  const value = await promise.then(
    () => 'nothing',
    () => null,
  )
  if (value !== null) throw new Error('a lab that cannot be built was built')
}

/** @type {Record<string, (random: ReturnType<typeof randomFrom>) => Promise<void>>} */
const CYCLES = {
  async whole() {
    const lab = await Lab.up(TOPOLOGY)
    const { exitCode } = await lab.node('a').exec(['sh', '-c', 'echo hello; cat'], { input: 'x' })
    const { received } = await lab.node('a').ping('b', { count: 1 })
    await lab.inspect()
    await lab.pause()
    await lab.resume()
    await lab.pingAll()
    await lab.down()
    if (exitCode !== 0 || received !== 1) throw new Error(`exec ${exitCode}, ping ${received}`)
  },
  async persistent() {
    await Lab.up(TOPOLOGY, { persist: true })
    const lab = Lab.attach('soak')
    await lab.node('b').exec(['true'])
    await lab.down()
  },
  async wired() {
    const lab = await Lab.up(WIRED)
    await lab.pause()
    await lab.resume()
    const { received } = await lab.node('a').ping('b', { count: 1 })
    await lab.down()
    if (received !== 1) throw new Error(`ping ${received} through the wire`)
  },
  refused: () => rejects(Lab.up(REFUSED)),
  failing: () => rejects(Lab.up(FAILING)),
  invalid: async () => rejects(Promise.resolve().then(() => Lab.up('nodes: {a: {}}\nlinks: [[a, c, d: 1]'))),
  async aborted(random) {
    const controller = new AbortController()
    const building = Lab.up(random.pick([TOPOLOGY, WIRED]), { signal: controller.signal }).then(
      (lab) => lab.down(),
      () => {},
    )
    await setTimeout(random.integer(0, 60))
    controller.abort(new Error('enough'))
    await building
  },
  async killed(random) {
    const lab = await Lab.up(TOPOLOGY)
    const controller = new AbortController()
    const running = lab
      .node('a')
      .exec(['sleep', '60'], { signal: controller.signal })
      .catch(() => {})
    await setTimeout(random.integer(0, 30))
    controller.abort(new Error('enough'))
    await running
    await lab.down()
  },
}

const EVENTS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit', 'uncaughtException', 'warning']

function descriptors() {
  const fds = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`).replace(/[0-9]+/g, 'N')]
    } catch {
      return [] // the one of the directory itself
    }
  })
  return fds.sort()
}

async function sample() {
  for (let round = 0; round < 4; round++) {
    globalThis.gc()
    await setTimeout(50)
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  const status = readFileSync('/proc/self/status', 'latin1')
  return {
    fds: descriptors(),
    heapMb: (heapUsed + external) / 2 ** 20,
    rssMb: rss / 2 ** 20,
    threads: Number(/^Threads:\s+([0-9]+)/m.exec(status)[1]),
    handles: process.getActiveResourcesInfo().length,
    listeners: EVENTS.reduce((sum, event) => sum + process.listenerCount(event), 0),
  }
}

/** Descriptors that are there now and were not, each as often as there are more of it. */
function more(before, after) {
  const left = [...before]
  return after.filter((target) => {
    const at = left.indexOf(target)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

function faultsOf(before, after, cycles) {
  const faults = []
  const fds = more(before.fds, after.fds)
  if (fds.length > 0) faults.push(`${fds.length} more descriptors are open: ${[...new Set(fds)].join(', ')}`)
  for (const what of ['threads', 'handles', 'listeners'])
    if (after[what] > before[what]) faults.push(`there are ${after[what]} ${what}, and were ${before[what]}`)
  const share = (ROOM.eachKb * cycles) / 1024
  for (const what of ['heapMb', 'rssMb']) {
    const grown = after[what] - before[what]
    if (grown > ROOM[what] + share)
      faults.push(`${what === 'heapMb' ? 'the heap' : 'the process'} has grown by ${grown.toFixed(1)} MB`)
  }
  return faults
}

const [, , count, seed] = process.argv
const random = randomFrom(seed)
const cycles = Number(count)
const names = Object.keys(CYCLES)
let before
for (let cycle = 0; cycle < WARM_UP + cycles; cycle++) {
  if (cycle === WARM_UP) before = await sample()
  // Each kind is warm before it counts.
  await CYCLES[cycle < WARM_UP ? names[cycle % names.length] : random.pick(names)](random)
}
const faults = faultsOf(before, await sample(), cycles)
console.log(JSON.stringify(faults))
process.exit()
