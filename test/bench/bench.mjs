// Measures what nslab promises about speed and memory, against bare C (floor.c), Mininet and `node -e 0`. Figures are
// reported, not asserted: they depend on the machine. Contenders run in turns, so that drift hits all of them alike.
//
//   npm run bench                    all of it, as a table
//   npm run bench -- --json          the same as one JSON document
//   npm run bench -- floor ls        only some: floor, mininet, mesh, ls, rootless, memory, plan, graph, apply, links
//
// The figures of links are also written into docs/link-emulation.md.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { benchLinks } from './links.mjs'

const ROUNDS = 5
const START_ROUNDS = 11
const CHAIN = 500
const STAR = 100
/** What `watch` takes to have read a lab. */
const WATCH_START_MS = 5000
const LARGE = [
  { shape: 'grid 32 32 --hosts 0', ms: 3000, routes: 400_000 },
  { shape: 'chain 1000 --hosts 0', ms: 2000 },
  { shape: 'tree 4 8', ms: 2000 },
]
// Debian's package installs its module for the system's interpreter.
const PYTHON = '/usr/bin/python3'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const nslabCommand = [process.execPath, at('../../bin/run.js')]

// Where a machine's proxy has certificates of its own, this variable names them, and Node.js reads them at each start, whatever
// it is to run: 45 ms of the 75 that `node -e 0` takes then, in both contenders.
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env
const note = (text) => process.stderr.write(`bench: ${text}\n`)

/**
 * /run has the names of nodes. Everywhere but in a container it is a tmpfs. On a disk, ext4 without a journal goes through
 * all names that were removed in the last minutes for each new one, and the star would pay for the 2,500 of the chains:
 * 394 instead of 350 ms. There, everything runs once more with a tmpfs that nobody else sees.
 */
function runOnTmpfs() {
  const TMPFS_MAGIC = 0x01021994
  if (process.getuid() !== 0 || statfsSync('/run').type === TMPFS_MAGIC) return
  note('/run is no tmpfs here; one is mounted for the time of this run')
  const script = 'mount -t tmpfs -o mode=755 tmpfs /run && exec "$0" "$@"'
  const words = ['--mount', '--propagation', 'private', 'sh', '-c', script, process.execPath, ...process.argv.slice(1)]
  process.exit(spawnSync('unshare', words, { stdio: 'inherit' }).status ?? 1)
}

/** Runs a command to its end; its time is the whole process's. */
function timed([command, ...args], input = '', env = environment) {
  const began = performance.now()
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    input,
    env,
  })
  const ms = performance.now() - began
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${status ?? signal}\n${stderr}${stdout}`)
  return { ms, stdout }
}

const nslab = (...args) => timed([...nslabCommand, ...args])

function withLab(file, action) {
  const lab = `bench-${process.pid}`
  const up = nslab('up', file, '--name', lab)
  try {
    action?.(lab)
  } catch (error) {
    spawnSync(nslabCommand[0], [nslabCommand[1], 'down', lab], { env: environment })
    throw error
  }
  const down = nslab('down', lab)
  return { upMs: up.ms, downMs: down.ms }
}

function topologyFile(name, text) {
  const path = join(scratch, name)
  writeFileSync(path, text)
  return path
}

function chainFile(length, { name = 'chain.yaml', routing = 'none', more = [] } = {}) {
  const names = Array.from({ length }, (_, index) => `n${index}`)
  const nodes = names.map((name) => `  ${name}: { kind: router }`)
  const links = names.slice(1).map((name, index) => `  - [n${index}, ${name}]`)
  const all = [`routing: ${routing}`, 'nodes:', ...nodes, 'links:', ...links, ...more, '']
  return topologyFile(name, all.join('\n'))
}

function starFile(hosts) {
  const names = Array.from({ length: hosts }, (_, index) => `h${index + 1}`)
  const nodes = ['  s1: { kind: switch }', ...names.map((name) => `  ${name}: {}`)]
  const links = names.map((name) => `  - [${name}, s1]`)
  return topologyFile('star.yaml', ['nodes:', ...nodes, 'links:', ...links, ''].join('\n'))
}

// ── the comparisons ─────────────────────────────────────────────────────────────────────────────────────────────────

function benchFloor() {
  const floor = join(scratch, 'floor')
  execFileSync('cc', ['-O2', '-static', '-o', floor, at('floor.c')], { stdio: 'inherit' })
  const file = chainFile(CHAIN)
  const floors = []
  const labs = []
  inTurns(ROUNDS, [
    () => floors.push(floorTimes(timed([floor, 'chain', String(CHAIN)]).stdout)),
    () => labs.push(withLab(file)),
  ])
  const what = `chain of ${CHAIN} routers`
  return [
    compare(`up, ${what}`, series(labs, 'upMs'), 'floor.c', series(floors, 'upMs'), { atMost: 2 }),
    compare(`down, ${what}`, series(labs, 'downMs'), 'floor.c', series(floors, 'downMs'), {}),
  ]
}

function floorTimes(line) {
  const [, up, down] = /up ([0-9.]+) down ([0-9.]+) ms/.exec(line) ?? []
  if (down === undefined) throw new Error(`floor said: ${line}`)
  return { upMs: Number(up), downMs: Number(down) }
}

function benchMininet() {
  const missing = mininetMissing()
  if (missing !== null) {
    note(`no comparison with Mininet: ${missing}`)
    return []
  }
  const file = starFile(STAR)
  const mininets = []
  const labs = []
  inTurns(ROUNDS, [
    () => mininets.push(lastJsonLine(timed([PYTHON, at('mininet_bench.py'), 'star', String(STAR)]).stdout)),
    () => labs.push(withLab(file)),
  ])
  const what = `star of ${STAR} hosts`
  return [
    compare(`up, ${what}`, series(labs, 'upMs'), 'Mininet', series(mininets, 'upMs'), { timesFaster: 5 }),
    compare(`down, ${what}`, series(labs, 'downMs'), 'Mininet', series(mininets, 'downMs'), { timesFaster: 10 }),
  ]
}

/**
 * A ping from every host to every other host. Neighbours are strangers in a lab that has just been made. The second ping is of
 * the same lab, whose hosts know each other.
 */
function benchMesh() {
  const missing = mininetMissing()
  const file = starFile(STAR)
  const [mininets, strangers, known, alone] = [[], [], [], []]
  const pinged = (lab) => JSON.parse(nslab('ping', '--all', '-4', '-c', '1', '--lab', lab, '--json').stdout)
  const ours = () =>
    withLab(file, (lab) => {
      strangers.push(pinged(lab))
      known.push(pinged(lab))
      alone.push(JSON.parse(nslab('ping', `${lab}/h1`, 'h2', '-4', '-c', '10', '-i', '0.01', '--json').stdout))
    })
  inTurns(ROUNDS, [ours])
  // Mininet's takes 16 s, and varies little.
  if (missing === null)
    mininets.push(lastJsonLine(timed([PYTHON, at('mininet_bench.py'), 'star', String(STAR), '--pingall']).stdout))
  else note(`no comparison with Mininet: ${missing}`)
  const what = (of) => `ping --all, star of ${STAR} hosts, ${of}`
  const row = (of, meshes, target) =>
    mininets.length > 0
      ? compare(what(of), series(meshes, 'elapsedMs'), 'Mininet', series(mininets, 'pingAllMs'), target)
      : { what: what(of), unit: 'ms', nslab: spread(series(meshes, 'elapsedMs')), ratio: null, met: null }
  const lost = [...strangers, ...known].reduce((sum, { sent, received }) => sum + sent - received, 0)
  const times = strangers.map(({ pairs }) => 1000 * spread(pairs.map(({ rttMs }) => rttMs)).median)
  const single = alone.map(({ rttMs }) => 1000 * rttMs.avg)
  return [
    row('strangers', strangers, { timesFaster: 50 }),
    row('neighbours known', known, { timesFaster: 100 }),
    {
      ...compare('median round-trip time of a pair of strangers', times, 'one path alone', single, { atMost: 2 }),
      unit: 'µs',
    },
    bounded('packets lost in these', 'packets', lost, null),
    ...benchLargeMesh(),
  ]
}

/** The same of so many hosts that no neighbour table has room for all pairs, with the memory of nslab and its helpers. */
function benchLargeMesh() {
  const hosts = 1000
  const what = `ping --all, star of ${hosts} hosts`
  let [seconds, lost, megabytes] = [0, 0, 0]
  withLab(starFile(hosts), (lab) => {
    const words = [...nslabCommand, 'ping', '--all', '-4', '-c', '1', '--lab', lab]
    const { stdout } = timed([PYTHON, at('peak_memory.py'), ...words])
    const { text, kilobytes } = lastJsonLine(stdout)
    const [, sent, received, time, unit] =
      /: (\d+) packets sent, (\d+) received, .* in ([0-9.]+) (ms|s)$/.exec(text.trim()) ?? []
    if (unit === undefined) throw new Error(`ping said: ${text}`)
    seconds = unit === 's' ? Number(time) : Number(time) / 1000
    lost = sent - received
    megabytes = Math.round(kilobytes / 1024)
  })
  return [
    bounded(what, 's', seconds, 20),
    { ...bounded(`${what}: packets lost`, 'packets', lost, null), target: '0', met: lost === 0 },
    bounded(`${what}: memory of all its processes`, 'MB', megabytes, 200),
  ]
}

/** Mininet needs root, its Python module, and brctl for its LinuxBridge switch; no Open vSwitch, no service. */
function mininetMissing() {
  if (process.getuid() !== 0) return 'it needs root'
  const found =
    spawnSync(PYTHON, ['-c', 'import mininet']).status === 0 && spawnSync('brctl', ['--version']).status === 0
  return found ? null : 'install it with: apt-get install -y mininet bridge-utils'
}

const lastJsonLine = (text) => JSON.parse(text.trim().split('\n').at(-1))

function benchStart() {
  const list = []
  const bare = []
  const start = [
    () => bare.push({ ms: timed([process.execPath, '-e', '0']).ms }),
    () => list.push({ ms: nslab('ls').ms }),
  ]
  inTurns(1, start)
  bare.length = list.length = 0 // the first run of each only warms the page cache
  inTurns(START_ROUNDS, start)
  return [compare('ls', series(list, 'ms'), 'node -e 0', series(bare, 'ms'), { atMost: 2.5 })]
}

/** What it costs that nslab runs once more as root of a user namespace of its own; two hosts, so that little else is timed. */
function benchRootless() {
  const file = topologyFile('pair.yaml', 'nodes: { h1: {}, h2: {} }\nlinks: [[h1, h2]]\n')
  const lab = `bench-${process.pid}`
  const time = (rows, env) => () => {
    const options = { ...environment, ...env }
    rows.push({ ms: timed([...nslabCommand, 'up', file, '--name', lab], '', options).ms })
    timed([...nslabCommand, 'down', lab], '', options)
  }
  const [plain, again] = [[], []]
  inTurns(START_ROUNDS, [time(plain, {}), time(again, { NSLAB_ROOTLESS: '1' })])
  const extra = spread(series(again, 'ms')).median - spread(series(plain, 'ms')).median
  return [
    compare('up of two hosts, rootless', series(again, 'ms'), 'as root', series(plain, 'ms'), {}),
    bounded('what rootless adds', 'ms', Math.round(extra), 80),
  ]
}

function benchMemory() {
  const file = starFile(STAR)
  let perNode
  withLab(file, (lab) => {
    const { nodes } = JSON.parse(nslab('inspect', lab, '--json').stdout)
    perNode = nodes.map(({ pid }) => privateKilobytes(pid))
  })
  const most = Math.max(...perNode)
  return [
    {
      ...bounded("private memory of a node's first process, most of all nodes", 'KB', most, 100),
      nslab: spread(perNode),
    },
  ]
}

/** From text to operations, of large labs: what there is to compute before the kernel is asked for anything. */
function benchPlan() {
  return LARGE.flatMap(({ shape, routes, ms }) => {
    const text = nslab('generate', ...shape.split(' ')).stdout
    const stages = (...words) => JSON.parse(timed([process.execPath, at('stages.mjs'), ...words], text).stdout)
    const rounds = Array.from({ length: ROUNDS }, () => stages())
    const { routes: after, nodes } = rounds[0]
    const before = stages('never').routes
    const what = `${shape.replace(/ --.*/, '')}, ${nodes} nodes`
    const part = (stage) => ({
      what: `${what}: ${stage}`,
      unit: 'ms',
      nslab: spread(series(rounds, stage)),
      ratio: null,
      met: null,
    })
    const total = rounds.map(({ parse, resolve, plan }) => parse + resolve + plan)
    return [
      ...['parse', 'resolve', 'plan'].map(part),
      { ...bounded(`${what}: all three`, 'ms', Math.round(spread(total).median), ms), nslab: spread(total) },
      bounded(
        `${what}: routes (without compression: ${before ?? 'more than a lab may have'})`,
        'routes',
        after,
        routes,
      ),
    ]
  })
}

/** A picture of a large lab, the whole command. */
function benchGraph() {
  const file = join(scratch, 'random.yaml')
  writeFileSync(file, nslab('generate', 'random', '500', '--degree', '3', '--seed', '1').stdout)
  const nodes = JSON.parse(nslab('export', file, '--format', 'json').stdout).length
  const ms = Array.from({ length: ROUNDS }, () => nslab('graph', file, '--format', 'svg').ms)
  const figure = spread(ms)
  return [{ ...bounded(`picture of ${nodes} nodes at random`, 'ms', Math.round(figure.median), 3000), nslab: figure }]
}

/** Changes of a running lab, compared with reading all of it. */
async function benchApply() {
  const [plain, routed] = [await applyRounds('none'), await applyRounds('auto')]
  const inspectLarge = []
  withLab(chainFile(2 * CHAIN), (lab) => {
    for (let round = 0; round < ROUNDS; round++) inspectLarge.push(nslab('inspect', lab, '--json').ms)
  })
  const large = spread(inspectLarge)
  const what = `chain of ${CHAIN} routers`
  const rows = (title, { inspect, same, link, watched }) => [
    compare(`apply of no change, ${title}`, same, 'inspect', inspect, { atMost: 2 }),
    compare(`apply of one link more or less, ${title}`, link, 'inspect', inspect, { atMost: 3 }),
    compare(`the same with \`watch\` running, ${title}`, watched, 'without', link, {}),
  ]
  return [
    ...rows(what, plain),
    ...rows(`${what} with routes`, routed),
    { ...bounded(`inspect --json, chain of ${2 * CHAIN} routers`, 'ms', Math.round(large.median), 1500), nslab: large },
  ]
}

async function applyRounds(routing) {
  const file = chainFile(CHAIN, { routing })
  const longer = chainFile(CHAIN, { routing, name: 'longer.yaml', more: ['  - [n0, n2]'] })
  const times = { inspect: [], same: [], link: [], watched: [] }
  const lab = `bench-${process.pid}`
  const apply = (path, into) => into.push(nslab('apply', path, lab, '--yes', '--name', lab).ms)
  nslab('up', file, '--name', lab)
  try {
    inTurns(ROUNDS, [
      () => times.inspect.push(nslab('inspect', lab, '--json').ms),
      () => apply(file, times.same),
      () => apply(longer, times.link),
      () => apply(file, times.link),
    ])
    const watch = spawn(nslabCommand[0], [nslabCommand[1], 'watch', lab, '--json'], {
      stdio: 'ignore',
      env: environment,
    })
    await setTimeout(WATCH_START_MS)
    inTurns(ROUNDS, [() => apply(longer, times.watched), () => apply(file, times.watched)])
    watch.kill('SIGTERM')
  } finally {
    nslab('down', lab)
  }
  return times
}

/** A figure that has a limit of its own. */
function bounded(what, unit, value, limit) {
  return { what, unit, ratio: null, target: limit && `≤ ${limit} ${unit}`, met: limit ? value <= limit : null, value }
}

/** proc_pid_smaps(5): what would be freed if the process ended. */
function privateKilobytes(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const kilobytes = (key) => Number(new RegExp(`^${key}:\\s+([0-9]+) kB$`, 'm').exec(text)?.[1])
  return kilobytes('Private_Clean') + kilobytes('Private_Dirty')
}

// ── figures ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function inTurns(rounds, contenders) {
  for (let round = 0; round < rounds; round++) for (const contender of contenders) contender()
}

const series = (rows, key) => rows.map((row) => row[key])

function spread(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  return { median, min: sorted[0], max: sorted.at(-1), runs: sorted.length }
}

/** `atMost`: nslab may take that many times as long. `timesFaster`: it must be that many times as fast. */
function compare(what, ours, against, theirs, { atMost, timesFaster }) {
  const nslabTimes = spread(ours)
  const otherTimes = spread(theirs)
  const slower = nslabTimes.median / otherTimes.median
  const ratio = timesFaster === undefined ? slower : 1 / slower
  const met = atMost !== undefined ? ratio <= atMost : timesFaster !== undefined ? ratio >= timesFaster : null
  const target = atMost !== undefined ? `≤ ${atMost} ×` : timesFaster !== undefined ? `≥ ${timesFaster} × faster` : null
  return { what, unit: 'ms', nslab: nslabTimes, against, other: otherTimes, ratio, target, met }
}

function tableOf(results) {
  const figure = (each, unit) =>
    each ? `${digits(each.median)} ${unit} (${digits(each.min)}–${digits(each.max)})` : ''
  const rows = results.map(({ what, unit, nslab: ours, against, other, ratio, target, met, value }) => [
    what,
    value === undefined ? figure(ours, unit) : `${unit === 'routes' ? value : digits(value)} ${unit}`,
    against ? `${against} ${figure(other, unit)}` : '',
    ratio === null ? '' : `${ratio.toFixed(2)} ×`,
    target ?? '',
    met === null ? '' : met ? 'yes' : 'NO',
  ])
  const lines = [['what', 'nslab, median (min–max)', 'against', 'ratio', 'target', 'met'], ...rows]
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  return lines
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const digits = (value) => value.toFixed(value < 100 ? 1 : 0)

const BENCHES = {
  floor: benchFloor,
  mininet: benchMininet,
  mesh: benchMesh,
  ls: benchStart,
  rootless: benchRootless,
  memory: benchMemory,
  plan: benchPlan,
  graph: benchGraph,
  apply: benchApply,
  links: () => benchLinks(),
}

const words = process.argv.slice(2)
const chosen = words.filter((word) => word !== '--json')
const unknown = chosen.find((word) => !(word in BENCHES))
if (unknown !== undefined) {
  note(`no benchmark ${unknown}; there are: ${Object.keys(BENCHES).join(', ')}`)
  process.exit(2)
}

runOnTmpfs()
const scratch = mkdtempSync(join(tmpdir(), 'nslab-bench-'))
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }))

const results = []
for (const name of chosen.length > 0 ? chosen : Object.keys(BENCHES)) {
  note(`${name} …`)
  try {
    results.push(...(await BENCHES[name]()))
  } catch (error) {
    note(`${name} is broken: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}
const text = words.includes('--json') ? JSON.stringify({ node: process.version, results }, null, 2) : tableOf(results)
process.stdout.write(`${text}\n`)
