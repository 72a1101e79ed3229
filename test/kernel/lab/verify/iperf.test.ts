// Rates as iperf3(1) sees them, read from the counter of the receiving interface: Ethernet frames, not payload.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Cli, ROOT, test, uniqueName } from '../../../support/lab.js'

const HAS_IPERF = spawnSync('sh', ['-c', 'command -v iperf3']).status === 0
if (!HAS_IPERF) console.warn('NOT RUN: rates by iperf3, which is missing (apt-get install iperf3)')

/** Bytes that h2 has received, and when, in seconds. */
function received(nslab: Cli, lab: string): { bytes: number; time: number } {
  const script = 'cat /sys/class/net/eth0/statistics/rx_bytes; date +%s%N'
  const [bytes = 0, time = 0] = nslab(['exec', `${lab}/h2`, '--', 'sh', '-c', script])
    .stdout.trim()
    .split('\n')
    .map(Number)
  return { bytes, time: time / 1e9 }
}

// h1 ── h2
async function measured(nslab: Cli, lab: string, words: readonly string[]): Promise<number> {
  const inNode = (node: string, ...command: string[]) =>
    spawn(process.execPath, [`${ROOT}bin/run.js`, 'exec', `${lab}/${node}`, '--', 'iperf3', ...command], {
      stdio: 'ignore',
    })
  const server = inNode('h2', '-s', '-1')
  while (nslab(['exec', `${lab}/h2`, '--', 'ss', '-Hltn', 'sport = 5201']).stdout === '') await setTimeout(50)
  const client = inNode('h1', '-c', 'h2', '-t', '6', ...words)
  await setTimeout(1500)
  const first = received(nslab, lab)
  await setTimeout(3000)
  const last = received(nslab, lab)
  await Promise.all([server, client].map((each) => once(each, 'exit')))
  return ((last.bytes - first.bytes) * 8) / (last.time - first.time)
}

test.skipIf(!HAS_IPERF)('TCP and UDP get the rate of the kernel and of the wire, within 2 %', async ({ nslab }) => {
  for (const backend of ['auto', 'wire']) {
    const name = uniqueName()
    const input = `name: ${name}\nnodes: { h1: {}, h2: {} }\nlinks: [{ endpoints: [h1, h2], rate: 20mbit, emulation: ${backend} }]\n`
    expect(nslab(['up', '-'], { input })).toMatchObject({ status: 0 })
    for (const words of [[], ['-u', '-b', '25M']]) {
      const rate = await measured(nslab, name, words)
      expect({ backend, words, error: Math.abs(rate / 20e6 - 1) < 0.02, rate }).toMatchObject({ error: true })
    }
    nslab(['down', name])
  }
})
