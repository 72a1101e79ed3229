// Measures how exactly links impair frames, and what that costs, for each backend that this kernel has; writes the figures into
// docs/link-emulation.md. Part of `npm run bench`; alone: `npm run bench -- links`. Few kernels have netem; in the guest:
//
//   eval "$(test/support/vm/setup.sh)"
//   test/support/vm/run.sh -t 1800 -w docs "$(command -v node) test/bench/links.mjs netem"
//
// The machine must be idle: other programs delay frames, and take the time in which floods are sent.
import { loadavg } from 'node:os'
import { writeFigures } from './link-figures.mjs'
import { delaysOf, has, inLab, iperf, nslab, pairs, processOf, shareOfProcessor } from './link-tools.mjs'

const LATE_LINKS = 100
const IDLE_LINKS = 500
const UP_LINKS = 100
const UP_ROUNDS = 3
const RATES = ['1mbit', '10mbit', '100mbit', '1gbit']
const BITS = { '1mbit': 1e6, '10mbit': 1e7, '100mbit': 1e8, '1gbit': 1e9 }

const BUSY = 0.5

const note = (text) => process.stderr.write(`bench: ${text}\n`)
const name = (part) => `bench-${part}-${process.pid}`
const row = (what, unit, value, target, met) => ({ what, unit, value, target, met, ratio: null })
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]

/** The checks of all links of a lab. */
const verified = (lab, seconds) =>
  nslab(['link', 'verify', '--all', '--lab', lab, '--duration', String(seconds), '--json']).json()

async function delays(backend) {
  const written = [1, 10, 100, 500]
  const topology = pairs(
    name('delay'),
    written.map((ms) => `emulation: ${backend}, delay: ${ms}ms`),
  )
  const { directions } = await inLab(topology, (lab) => verified(lab, 5))
  return written.flatMap((ms, link) => {
    const own = directions.filter((each) => each.link === link).map(({ delayNs }) => delayNs)
    const middle = Math.max(...own.map(({ p50 }) => Math.abs(p50 / 1e6 - ms)))
    const high = Math.max(...own.map(({ p99 }) => p99 / 1e6 - ms))
    return [
      row(`${backend}: delay of ${ms} ms: error of the median`, 'ms', middle, '≤ 0.15 ms', middle <= 0.15),
      row(`${backend}: delay of ${ms} ms: error of the 99th percentile`, 'ms', high, '≤ 1 ms', high <= 1),
    ]
  })
}

async function shares(backend) {
  const jitter = 'delay: 20ms, jitter: { amount: 2ms, distribution: normal }'
  const topology = pairs(name('share'), [`emulation: ${backend}, ${jitter}`])
  const checks = await inLab(topology, (lab) => verified(lab, 10))
  const tests = checks.directions
    .flatMap((direction) => direction.tests)
    .filter(({ quantity }) => quantity === 'jitter')
  const worst = Math.max(...tests.map(({ observed, expected }) => Math.abs(observed / expected - 1) * 100))
  const lossy = pairs(name('loss'), [`emulation: ${backend}, loss: 1%, seed: 7`])
  const { directions } = await inLab(lossy, (lab) => verified(lab, 10))
  const losses = directions.flatMap((direction) => direction.tests).filter(({ quantity }) => quantity === 'loss')
  const isInside = losses.every(({ verdict }) => verdict === 'ok')
  const [{ observed, samples }] = losses
  return [
    row(`${backend}: normal jitter of 2 ms: error of the standard deviation`, '%', worst, '≤ 10 %', worst <= 10),
    row(`${backend}: loss of 1 % over ${samples} frames`, '%', observed * 100, 'in the 99.9 % interval', isInside),
  ]
}

async function rates(backend) {
  const topology = pairs(
    name('rate'),
    RATES.map((rate) => `emulation: ${backend}, rate: ${rate}`),
  )
  return await inLab(topology, async (lab) => {
    const { directions } = verified(lab, 10)
    const rows = []
    for (const [link, rate] of RATES.entries()) {
      const bits = BITS[rate]
      const one = (what, measured) => {
        const error = Math.abs(measured / bits - 1) * 100
        return row(`${backend}: ${rate}, ${what}: error of the rate`, '%', error, '≤ 2 %', error <= 2)
      }
      const { observed } = directions
        .find((each) => each.link === link)
        .tests.find(({ quantity }) => quantity === 'rate')
      rows.push(one('Ethernet frames', observed))
      if (!has('iperf3')) continue
      rows.push(one('TCP', await iperf(lab, [`a${link}`, `b${link}`], [], 10)))
      rows.push(one('UDP', await iperf(lab, [`a${link}`, `b${link}`], ['-u', '-b', String(bits * 1.2)], 10)))
    }
    return rows
  })
}

async function throughput() {
  if (!has('iperf3')) return []
  return await inLab(pairs(name('fast'), ['emulation: wire']), async (lab) => {
    const offload = (await iperf(lab, ['a0', 'b0'], [], 5)) / 1e9
    for (const node of ['a0', 'b0'])
      nslab(['exec', `${lab}/${node}`, '--', 'ip', 'link', 'set', 'eth0', 'gso_max_segs', '1'])
    const single = (await iperf(lab, ['a0', 'b0'], [], 5)) / 1e9
    return [
      row('wire: throughput of single frames, MTU 1500', 'Gbit/s', single, '≥ 1.8 Gbit/s', single >= 1.8),
      row('wire: throughput with segmentation offload', 'Gbit/s', offload, '≥ 10 Gbit/s', offload >= 10),
    ]
  })
}

async function lateness() {
  const links = Array.from({ length: LATE_LINKS }, () => 'emulation: wire, delay: 10ms')
  return await inLab(pairs(name('late'), links), (lab) => {
    const all = delaysOf(lab, LATE_LINKS, { count: 2000, intervalNs: 1e6 })
    const late = (all.filter((ms) => ms > 11).length / all.length) * 100
    const what = `wire: ${LATE_LINKS} links of 1,000 frames/s at 10 ms`
    return [
      row(`${what}: more than 1 ms late`, '%', late, '≤ 1 %', late <= 1),
      row(`${what}: median lateness`, 'ms', median(all) - 10, null, null),
    ]
  })
}

async function idle() {
  const lab = name('idle')
  const links = Array.from({ length: IDLE_LINKS }, () => '  - { endpoints: [h1, h2], delay: 10ms, emulation: wire }')
  const topology = [`name: ${lab}`, 'routing: none', 'nodes: { h1: {}, h2: {} }', 'links:', ...links, ''].join('\n')
  return await inLab(topology, async () => {
    const share = (await shareOfProcessor(processOf(`nslab: ${lab} wire`), 20)) * 100
    return [row(`wire: processor time of ${IDLE_LINKS} idle links`, '%', share, '< 1 %', share < 1)]
  })
}

async function start() {
  const timeOf = async (keys) => {
    const topology = pairs(
      name('up'),
      Array.from({ length: UP_LINKS }, () => keys),
    )
    const { ms } = nslab(['up', '-'], topology)
    nslab(['down', name('up')])
    return ms
  }
  const times = { plain: [], impaired: [] }
  for (let round = 0; round < UP_ROUNDS; round++) {
    times.plain.push(await timeOf(''))
    times.impaired.push(await timeOf('delay: 10ms, loss: 1%, rate: 10mbit'))
  }
  const ratio = median(times.impaired) / median(times.plain)
  return [row(`up of ${UP_LINKS} links with impairments, against without`, '×', ratio, '≤ 1.5 ×', ratio <= 1.5)]
}

/** @param backends those to measure: `wire`, `netem`; `auto` stands for tbf where the kernel has it */
export async function benchLinks(backends = ['wire', 'auto']) {
  const [load] = loadavg()
  if (load > BUSY)
    note(`links: other programs are running (load average ${load.toFixed(1)}): the figures are theirs as well`)
  const results = {}
  const measure = async (backend, parts) => {
    results[backend] = []
    for (const part of parts) {
      note(`links: ${backend}: ${part.name} …`)
      try {
        results[backend].push(...(await part(backend)))
      } catch (error) {
        note(`links: ${backend}: ${part.name} is broken: ${error.message}`)
        process.exitCode = 1
      }
    }
  }
  if (backends.includes('wire')) await measure('wire', [delays, shares, rates, throughput, lateness, idle, start])
  if (backends.includes('netem')) await measure('netem', [delays, shares, rates, start])
  if (backends.includes('auto')) await measure('auto', [rates])
  writeFigures(results)
  return Object.values(results).flat()
}

if (process.argv[1] === import.meta.filename) {
  const rows = await benchLinks(process.argv.length > 2 ? process.argv.slice(2) : undefined)
  for (const { what, unit, value, target } of rows) console.log(`${what}: ${value.toPrecision(4)} ${unit} (${target})`)
}
