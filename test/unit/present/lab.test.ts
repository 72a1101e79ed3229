import { expect, test } from 'vitest'
import { inspectText, lsText, upText } from '../../../src/present/lab.js'
import { sample } from './sample.js'

test('ls: a table, or a word when there is none', () => {
  expect(lsText([])).toBe('no labs')
  expect(
    lsText([
      { name: 'demo', status: 'running', paused: 0, nodes: 3, links: 2, keeper: { pid: 1234 }, rootless: false },
      { name: 'second-lab', status: 'dead', paused: 0, nodes: 12, links: 0, keeper: null, rootless: true },
    ]),
  ).toBe(
    [
      'LAB         STATUS   NODES  LINKS  KEEPER',
      '─────────────────────────────────────────',
      'demo        running  3      2      1234',
      'second-lab  dead     12     0      -',
    ].join('\n'),
  )
})

test('ls: paused nodes of a lab that runs are counted', () => {
  const lab = { name: 'demo', status: 'running', nodes: 3, links: 2, keeper: null, rootless: false } as const
  expect(lsText([{ ...lab, paused: 1 }])).toContain('  running, 1 paused  ')
  expect(lsText([{ ...lab, status: 'paused', paused: 3 }])).toContain('  paused  ')
})

test('inspect: a heading, the nodes, the links', () => {
  expect(inspectText(sample)).toBe(
    [
      'lab demo: running, 2 nodes, 1 link, keeper 1234',
      '',
      'NODE  KIND    STATUS   PID   ADDRESSES',
      '────────────────────────────────────────────────────',
      'h1    host    running  1240  10.0.0.0/31, fd00::/127',
      'r1    router  dead     -     10.0.0.1/31',
      '',
      'LINK     TO       STATE  MTU',
      '─────────────────────────────',
      'h1:eth0  r1:eth0  up     1500',
    ].join('\n'),
  )
})

test('inspect: without links, no table of them', () => {
  const titled = sample.nodes.map((node, index) => (index === 0 ? { ...node, title: 'Zürich HB' } : node))
  expect(inspectText({ ...sample, nodes: titled })).toMatch(/^NODE +TITLE +KIND .*\n─+\nh1 +Zürich HB +host /m)
  expect(inspectText({ ...sample, links: [], rootless: true })).toMatch(/0 links, keeper 1234, rootless\n/)
  expect(inspectText({ ...sample, links: [] })).not.toContain('LINK ')
})

test('up: one line of result and what to try next', () => {
  const result = { name: 'demo', nodes: 4, links: 1, elapsedMs: 48.4 }
  expect(upText({ ...result, hosts: ['h1', 'h3', 'h2'] })).toBe(
    [
      'lab demo is up: 4 nodes, 1 link in 48 ms',
      '  nslab ping demo/h1 h2',
      '  nslab shell demo/h1',
      '  nslab down demo',
    ].join('\n'),
  )
  expect(upText({ ...result, elapsedMs: 1234 })).toBe(
    'lab demo is up: 4 nodes, 1 link in 1.2 s\n  nslab inspect demo\n  nslab down demo',
  )
  expect(upText({ ...result, hosts: ['h1'] })).not.toContain('ping')
})
