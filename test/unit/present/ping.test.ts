import { expect, test } from 'vitest'
import type { PingMesh } from '../../../src/model/reach/ping.js'
import { HEAT } from '../../../src/present/reach/heat.js'
import { meshText, replyText, summaryText } from '../../../src/present/reach/ping.js'

const path = { from: 'h1', to: 'h2', address: '10.0.0.3' }
const nobody = { answeredBy: null, icmp: null }

test('a reply is a line as ping(8) prints it, counted from 1', () => {
  const reply = { ...path, ...nobody, sequence: 0, rttMs: 0.0512, ttl: 62, error: null, reportedBy: null }
  expect(replyText(reply)).toBe('reply from 10.0.0.3: icmp_seq=1 ttl=62 time=0.051 ms')
  expect(replyText({ ...reply, answeredBy: 'dns2' })).toBe(
    'reply from 10.0.0.3 (dns2): icmp_seq=1 ttl=62 time=0.051 ms',
  )
  expect(replyText({ ...reply, ttl: null, rttMs: 12.34 })).toBe('reply from 10.0.0.3: icmp_seq=1 time=12.3 ms')
})

test('what came in place of a reply says from whom', () => {
  const lost = {
    ...path,
    ...nobody,
    sequence: 4,
    rttMs: null,
    ttl: null,
    error: 'Destination Host Unreachable',
    reportedBy: '10.0.0.1',
  }
  expect(replyText(lost)).toBe('from 10.0.0.1: icmp_seq=5 Destination Host Unreachable')
  expect(replyText({ ...lost, error: 'Permission denied', reportedBy: null })).toBe(
    'not sent to 10.0.0.3: icmp_seq=5 Permission denied',
  )
})

test('the summary has the counts, and times only when something came back', () => {
  const result = { ...path, answeredBy: [], sent: 3, received: 2, lossPercent: 33.3 }
  expect(summaryText({ ...result, rttMs: { min: 0.05, avg: 0.06, max: 0.07, mdev: 0.01 } })).toBe(
    [
      '--- h1 → h2 (10.0.0.3) ---',
      '3 packets sent, 2 received, 33 % lost',
      'rtt min/avg/max/mdev = 0.050/0.060/0.070/0.010 ms',
    ].join('\n'),
  )
  expect(summaryText({ ...result, to: '10.0.0.3', sent: 1, received: 0, lossPercent: 100, rttMs: null })).toBe(
    '--- h1 → 10.0.0.3 ---\n1 packet sent, 0 received, 100 % lost',
  )
})

const mesh = (names: string[], address: (to: string) => string, lost: string[] = []): PingMesh => {
  const pairs = names.flatMap((from) =>
    names
      .filter((to) => to !== from)
      .map((to) => {
        const ok = !lost.includes(`${from} ${to}`)
        return { from, to, address: address(to), sent: 1, received: ok ? 1 : 0, rttMs: ok ? 0.05 : null, error: null }
      }),
  )
  const received = pairs.filter((pair) => pair.received > 0).length
  return { pairs, sent: pairs.length, received, elapsedMs: 3.44 }
}

test('a mesh is a matrix, senders down, receivers across', () => {
  expect(
    meshText(
      mesh(['h1', 'h2', 'host-3'], () => '10.0.0.1', ['h2 host-3']),
      80,
    ),
  ).toBe(
    [
      'IPv4, ms     h1     h2  host-3',
      '──────────────────────────────',
      'h1            ·  0.050   0.050',
      'h2        0.050      ·       ✗',
      'host-3    0.050  0.050       ·',
      '',
      '✗ h2 → host-3 (10.0.0.1): 0 of 1, no answer',
      '',
      '6 pairs: 6 packets sent, 5 received, 17 % lost, in 3.4 ms',
    ].join('\n'),
  )
})

test('pairs that were not pinged are counted by their reason', () => {
  const four = mesh(['a', 'b', 'c'], () => '10.0.0.1')
  const pairs = four.pairs.map((pair) =>
    pair.to === 'c' ? { ...pair, address: null, sent: 0, received: 0, rttMs: null, error: 'c has no address' } : pair,
  )
  expect(meshText({ ...four, pairs, sent: 4, received: 4 }, 80)).toBe(
    [
      'IPv4, ms      a      b  c',
      '─────────────────────────',
      'a             ·  0.050  –',
      'b         0.050      ·  –',
      'c         0.050  0.050  ·',
      '',
      '– c has no address: 2 pairs not pinged',
      '',
      '6 pairs: 4 packets sent, 4 received, 0 % lost, in 3.4 ms',
    ].join('\n'),
  )
})

test('each family has its own matrix', () => {
  const four = mesh(['h1', 'h2'], () => '10.0.0.1')
  const six = mesh(['h1', 'h2'], () => 'fd00::1')
  const text = meshText({ ...four, pairs: [...four.pairs, ...six.pairs] }, 80)
  expect(text).toContain('IPv4, ms ')
  expect(text).toContain('IPv6, ms ')
})

test('a pair that lost some shows how many came back', () => {
  const pairs = [{ from: 'h1', to: 'h2', address: '10.0.0.1', sent: 3, received: 2, rttMs: 0.05, error: null }]
  expect(meshText({ pairs, sent: 3, received: 2, elapsedMs: 1 }, 80)).toMatch(/h1\s+2\/3/)
})

test('why packets were lost stands below the matrix', () => {
  const two = mesh(['h1', 'h2', 'h3'], () => '10.0.0.1', ['h1 h2', 'h2 h3'])
  const pairs = two.pairs.map((pair) =>
    pair.from === 'h1' && pair.to === 'h2' ? { ...pair, error: 'Invalid argument' } : pair,
  )
  const [, ...below] = meshText({ ...two, pairs }, 80).split('\n\n')
  expect(below).toEqual([
    '✗ h1 → h2 (10.0.0.1): 0 of 1, Invalid argument\n✗ h2 → h3 (10.0.0.1): 0 of 1, no answer',
    'Invalid argument: the neighbour table of the machine is full; `neighbours: static` in the topology does without',
    '6 pairs: 6 packets sent, 4 received, 33 % lost, in 3.4 ms',
  ])
})

test('a matrix wider than the terminal becomes a list of failures', () => {
  const names = Array.from({ length: 30 }, (_, index) => `h${index}`)
  expect(
    meshText(
      mesh(names, () => '10.0.0.1', ['h1 h2']),
      80,
    ),
  ).toBe('✗ h1 → h2 (10.0.0.1): 0 of 1, no answer\n\n870 pairs: 870 packets sent, 869 received, 0.1 % lost, in 3.4 ms')
  expect(
    meshText(
      mesh(names, () => '10.0.0.1'),
      80,
    ),
  ).toBe('870 pairs: 870 packets sent, 870 received, 0 % lost, in 3.4 ms')
})

test('a long list of failures is cut, and says so', () => {
  const names = Array.from({ length: 30 }, (_, index) => `h${index}`)
  const all = names.flatMap((from) => names.map((to) => `${from} ${to}`))
  expect(
    meshText(
      mesh(names, () => '10.0.0.1', all),
      80,
    ),
  ).toContain('\n… and 830 more\n')
})

test('a mesh of more than 30 nodes is a list of failures, however wide the terminal is', () => {
  const names = Array.from({ length: 31 }, (_, index) => `h${index}`)
  const text = (some: string[]) =>
    meshText(
      mesh(some, () => '10.0.0.1', ['h1 h2']),
      Number.POSITIVE_INFINITY,
    )
  expect(text(names)).toMatch(/^✗ h1 → h2 .*\n\n930 pairs: /)
  expect(text(names.slice(1))).toMatch(/^IPv4, ms /)
})

test('colours say how slow a pair is beside the fastest, and change nothing else', () => {
  const three = mesh(['h1', 'h2', 'h3'], () => '10.0.0.1', ['h2 h3'])
  const slow = new Map([
    ['h1 h3', 0.11],
    ['h3 h1', 50],
  ])
  const pairs = three.pairs.map((pair) => ({ ...pair, rttMs: slow.get(`${pair.from} ${pair.to}`) ?? pair.rttMs }))
  const coloured = meshText({ ...three, pairs }, 80, HEAT)
  const rows = coloured.split('\n')
  expect(rows[2]).toContain('\x1b[36m0.050\x1b[0m  \x1b[32m0.110\x1b[0m')
  expect(rows[3]).toContain('\x1b[1;31m✗\x1b[0m')
  expect(rows[4]).toContain('\x1b[35m50.0\x1b[0m')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  expect(coloured.replace(/\x1b\[[0-9;]*m/g, '')).toBe(meshText({ ...three, pairs }, 80))
})
