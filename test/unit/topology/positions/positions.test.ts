import { describe, expect, test } from 'vitest'
import { layoutText, readLayout } from '../../../../src/topology/positions/layout-file.js'
import { resolve, shown } from '../support.js'

const positionsOf = (text: string) => {
  const { nodes, warnings } = resolve(text)
  return { positions: nodes.map(({ position }) => position), warnings }
}

describe('position', () => {
  test('is kept', () => {
    expect(positionsOf('nodes: {a: {position: [12.5, 0]}, b: {}}')).toEqual({
      positions: [{ x: 12.5, y: 0 }, undefined],
      warnings: [],
    })
  })

  test.each(['[-1, 5]', '[5, 100001]', '[.inf, 5]', '[.nan, 5]'])(
    '%s is off the sheet: a warning with its place',
    (position) => {
      expect(positionsOf(`nodes:\n  a:\n    position: ${position}`)).toEqual({
        positions: [undefined],
        warnings: [
          'lab.yaml:3:15: the position of a is off the sheet, on which numbers are 0 to 100000; the layout places it',
        ],
      })
    },
  )

  test('that of another node is not kept', () => {
    expect(positionsOf('nodes:\n  a: {position: [1, 2]}\n  b: {position: [1, 2]}')).toEqual({
      positions: [{ x: 1, y: 2 }, undefined],
      warnings: ['lab.yaml:3:17: b has the position of a; the layout places it'],
    })
  })

  test('that of a repeated node differs by its variables; many equal ones are few warnings', () => {
    const text = (position: string) => `nodes: {"n{i}": {repeat: {i: 40}, position: ${position}}}`
    expect(positionsOf(text('["{i*10}", 5]')).positions.slice(0, 2)).toEqual([
      { x: 10, y: 5 },
      { x: 20, y: 5 },
    ])
    const { warnings } = positionsOf(text('[7, 5]'))
    expect(warnings).toHaveLength(21)
    expect(warnings.at(-1)).toBe('19 more positions are not kept')
  })

  test('other forms are faults', () => {
    expect(shown('nodes: {a: {position: [1]}}')).toHaveLength(1)
    expect(shown('nodes: {a: {position: here}}')).toHaveLength(1)
  })
})

describe('a layout file', () => {
  const topology = { name: 'lab', nodes: new Set(['a', 'b', 'c']) }
  const read = (text: string, known = new Map<string, { x: number; y: number }>()) =>
    readLayout(text, 'lab.yaml.layout.json', topology, known)

  test('what is written is read', () => {
    const positions = { a: { x: 1, y: 2.5 }, b: { x: 30, y: 4 } }
    expect(read(layoutText('lab', positions))).toEqual({ positions, others: {}, isOwn: true, warnings: [] })
    expect(JSON.parse(layoutText('lab', positions))).toEqual({
      version: 1,
      topology: 'lab',
      positions: { a: [1, 2.5], b: [30, 4] },
    })
  })

  test('positions of the topology win, and are not taken by others', () => {
    const known = new Map([['a', { x: 9, y: 9 }]])
    expect(read('{"version": 1, "topology": "lab", "positions": {"a": [1, 2], "b": [9, 9]}}', known)).toEqual({
      positions: {},
      others: {},
      isOwn: true,
      warnings: ['lab.yaml.layout.json:1:67: b has the position of a; the layout places it'],
    })
  })

  test('positions of nodes that the topology does not have are told, but not lost', () => {
    const { positions, others } = read('{"version": 1, "topology": "lab", "positions": {"z": [1, 2], "a": [3, 4]}}')
    expect({ positions, others }).toEqual({ positions: { a: { x: 3, y: 4 } }, others: { z: { x: 1, y: 2 } } })
  })

  test.each(['{', '{"version": 2}', '{"version": 1, "topology": "other", "positions": {}}', '[]'])(
    '%s is no layout of the topology',
    (text) => {
      expect(read(text).isOwn).toBe(false)
    },
  )

  test.each([
    ['{', /^lab\.yaml\.layout\.json:1:\d+: .*; the layout places all nodes$/],
    ['{"version": 2}', '1:13: this is no layout of version 1; the layout places all nodes'],
    ['[]', '1:1: this is no layout of version 1; the layout places all nodes'],
    [
      '{"version": 1,\n"topology": "other", "positions": {}}',
      '2:13: this is the layout of other, not of lab; the layout places all nodes',
    ],
    [
      '{"version": 1, "topology": "lab"}',
      '1:1: `positions` is a map from nodes to [x, y]; the layout places all nodes',
    ],
    [
      '{"version": 1, "topology": "lab", "positions": {"z": [1, 2]}}',
      '1:49: lab has no node z; its position is left out',
    ],
    [
      '{"version": 1, "topology": "lab", "positions": {"a": [1, "x"]}}',
      '1:54: the position of a is not [x, y]; the layout places it',
    ],
    [
      '{"version": 1, "topology": "lab", "positions": {"a": [1e9, 2]}}',
      '1:54: the position of a is off the sheet, on which numbers are 0 to 100000; the layout places it',
    ],
  ])('%s is told with its place', (text, warning) => {
    const { positions, warnings } = read(text)
    expect(positions).toEqual({})
    expect(warnings).toHaveLength(1)
    if (typeof warning === 'string') expect(warnings[0]).toBe(`lab.yaml.layout.json:${warning}`)
    else expect(warnings[0]).toMatch(warning)
  })
})
