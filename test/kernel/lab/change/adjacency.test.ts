// An OSPF adjacency of BIRD (bird(8)) that a running lab keeps while everything around it changes.
import { spawnSync } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'vitest'
import { test, uniqueName } from '../../../support/lab.js'

const hasBird = spawnSync('bird', ['--version']).status === 0

const HELLO_SECONDS = 1
const DEAD_SECONDS = 4
const bird = (router: number): string => `
router id 192.0.2.${router};
log "/run/bird.log" all;
protocol device { scan time 1; }
protocol kernel { ipv4 { export all; }; }
protocol ospf v2 o {
  debug { states, events };
  ipv4 { export none; };
  area 0 { interface "core" { type ptp; hello ${HELLO_SECONDS}; dead ${DEAD_SECONDS}; }; interface "lo" { stub; }; };
}
`
const router = (number: number, ttl: number) => ({
  kind: 'router',
  files: { '/etc/nslab-bird.conf': bird(number) },
  exec: [['bird', '-c', '/etc/nslab-bird.conf', '-s', '/run/bird.ctl', '-P', '/run/bird.pid']],
  sysctls: { 'net.ipv4.ip_default_ttl': ttl },
})
const topology = (ttl: number, nodes: object, links: unknown[]): string =>
  JSON.stringify({
    nodes: { r1: router(1, ttl), r2: router(2, ttl), h1: {}, ...nodes },
    links: [['r1:core', 'r2:core'], ...links],
  })

const BEFORE = topology(64, { h2: {} }, [
  ['h1', 'r1'],
  ['h2', 'r2'],
])
/** A router and a LAN more, a host less, other MTUs, kernel parameters and routes. */
const AFTER = topology(50, { r3: { kind: 'router' }, lan: { kind: 'switch' }, h3: {} }, [
  { endpoints: ['h1', 'r1'], mtu: 1400 },
  ['r3', 'r2'],
  ['lan', 'r1'],
  ['h3', 'lan'],
])

test.skipIf(!hasBird)('an OSPF adjacency stays full while all around it changes', async ({ nslab }) => {
  const lab = uniqueName('ospf')
  const run = (words: readonly string[], input = '') => {
    const { status, stdout, stderr } = nslab(words, { input, cwd: '/' })
    expect(status, `${words.join(' ')}: ${stderr}`).toBe(0)
    return stdout
  }
  run(['up', '-', '--name', lab], BEFORE)
  const neighbours = () => run(['exec', `${lab}/r1`, '--', 'birdc', '-s', '/run/bird.ctl', 'show', 'ospf', 'neighbors'])
  for (let tries = 0; tries < 100 && !neighbours().includes('Full'); tries++) await setTimeout(200)
  expect(neighbours()).toContain('Full')
  for (const text of [AFTER, BEFORE, AFTER]) run(['apply', '-', lab, '--name', lab, '--yes'], text)
  // A router that has heard nothing for this long gives its neighbour up.
  await setTimeout((DEAD_SECONDS + HELLO_SECONDS) * 1000)
  expect(neighbours()).toContain('Full')
  for (const node of ['r1', 'r2'])
    expect(run(['exec', `${lab}/${node}`, '--', 'cat', '/run/bird.log'])).not.toMatch(/from Full/)
  run(['down', lab])
})
