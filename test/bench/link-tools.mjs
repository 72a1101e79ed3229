// What the benchmarks of links share: labs of pairs of nodes, iperf3(1), and frames sent by the shim.
import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const RUN = [process.execPath, at('../../bin/run.js')]
const SHIM = at('../../native-shim/build/nslab-shim')
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env

/** Runs `nslab`. Status 8 is an answer. */
export function nslab(words, input = '') {
  const began = performance.now()
  const [program, ...rest] = [...RUN, ...words]
  const { status, stdout, stderr } = spawnSync(program, rest, {
    encoding: 'utf8',
    input,
    env: environment,
    maxBuffer: 1 << 28,
  })
  if (status !== 0 && status !== 8) throw new Error(`nslab ${words.join(' ')}: exit ${status}\n${stderr}`)
  return { ms: performance.now() - began, stdout, json: () => JSON.parse(stdout) }
}

/** A topology in which each link, described by its keys, has two nodes of its own: a0 ── b0, a1 ── b1, … */
export function pairs(name, links) {
  return [
    `name: ${name}`,
    'routing: none',
    'defaults: { node: { sysctls: { net.ipv6.conf.all.disable_ipv6: 1, net.ipv6.conf.default.disable_ipv6: 1 } } }',
    'nodes:',
    ...links.flatMap((_, number) => [`  a${number}: {}`, `  b${number}: {}`]),
    'links:',
    ...links.map((keys, number) => `  - { endpoints: [a${number}, b${number}]${keys ? `, ${keys}` : ''} }`),
    '',
  ].join('\n')
}

/** Runs an action in a lab, which is down afterwards. */
export async function inLab(topology, action) {
  const name = /^name: (.*)$/m.exec(topology)[1]
  nslab(['up', '-'], topology)
  try {
    return await action(name)
  } finally {
    nslab(['down', name])
  }
}

export const has = (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

/** bytes received by an interface of a node, and when, in ms. */
function received(lab, node) {
  const { stdout } = nslab([
    'exec',
    `${lab}/${node}`,
    '--',
    'sh',
    '-c',
    'cat /sys/class/net/eth0/statistics/rx_bytes; date +%s%N',
  ])
  const [bytes, time] = stdout.trim().split('\n').map(Number)
  return { bytes, ms: time / 1e6 }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Rate of Ethernet frames that come to a node from iperf3, in bit/s, without the first second. */
export async function iperf(lab, [from, to], words, seconds) {
  const server = spawn(RUN[0], [RUN[1], 'exec', `${lab}/${to}`, '--', 'iperf3', '-s', '-1'], {
    stdio: 'ignore',
    env: environment,
  })
  await pause(700)
  const options = ['-c', to, '-t', String(seconds + 3), ...words]
  const client = spawn(RUN[0], [RUN[1], 'exec', `${lab}/${from}`, '--', 'iperf3', ...options], {
    stdio: 'ignore',
    env: environment,
  })
  const ended = Promise.all([server, client].map((each) => new Promise((resolve) => each.once('exit', resolve))))
  await pause(1700)
  const first = received(lab, to)
  await pause(seconds * 1000)
  const last = received(lab, to)
  const statuses = await ended
  if (statuses.some((status) => status !== 0)) throw new Error(`iperf3 ended with ${statuses.join(' and ')}`)
  return ((last.bytes - first.bytes) * 8000) / (last.ms - first.ms)
}

const startTime = (pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[19]

/** Delays in ms of frames that go from each a to its b, all at the same time. */
export function delaysOf(lab, links, { count, intervalNs }) {
  const { nodes, keeper } = nslab(['inspect', lab, '--json']).json()
  const end = (name) => {
    const { pid } = nodes.find((node) => node.name === name)
    return [String(pid), startTime(pid), 'eth0']
  }
  const words = Array.from({ length: links }, (_, number) => [
    ...['path', ...end(`a${number}`), ...end(`b${number}`)],
    ...['probes', String(count), String(intervalNs), '100'],
  ])
  const spec = [...words.flat(), 'wait', '500000000'].map((word) => `${word}\0`).join('')
  const options = ['--keeper', String(keeper.pid), '--start-time', startTime(keeper.pid), '--report', '3']
  const { output } = spawnSync(SHIM, ['probe-link', ...options], {
    input: spec,
    stdio: ['pipe', 'inherit', 'inherit', 'pipe'],
    maxBuffer: 1 << 30,
  })
  const reports = output[3]
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const lost = reports.filter(({ overrun }) => overrun > 0)
  if (lost.length > 0) throw new Error('frames were not read in time')
  return reports.flatMap(({ arrivals = '' }) =>
    (arrivals.match(/.{24}/g) ?? []).map((record) => Number(BigInt.asIntN(64, BigInt(`0x${record.slice(8)}`))) / 1e6),
  )
}

/** The process of a lab with this title, such as `nslab: LAB wire`. */
export function processOf(title) {
  const pids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))
  const own = pids.find((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')[0] === title
    } catch {
      return false
    }
  })
  if (own === undefined) throw new Error(`no process ${title}`)
  return Number(own)
}

/** Share of a processor that a process takes over some seconds. */
export async function shareOfProcessor(pid, seconds) {
  const ticks = () => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
    return Number(fields[11]) + Number(fields[12])
  }
  const before = ticks()
  await pause(seconds * 1000)
  return (ticks() - before) / 100 / seconds
}
