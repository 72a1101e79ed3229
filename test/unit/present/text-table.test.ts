// Tables fit the terminal, and take a time in proportion to their rows.
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { columnWidths, wrap } from '../../../src/present/table-layout.js'
import { padded, renderTable } from '../../../src/present/text-table.js'

const HEADINGS = ['NODE', 'STATUS', 'ADDRESSES']
const ROWS = [
  ['r1', 'running', ['10.0.0.0/31', '10.0.0.2/31', 'fd00::/127']],
  ['日本', 'paused', ['10.0.0.1/31']],
]

const widest = (text: string): number => Math.max(...text.split('\n').map((line) => stringWidth(line)))

describe('a table of a terminal', () => {
  test('is as wide as its cells where there is room', () => {
    expect(renderTable(HEADINGS, ROWS, 80)).toBe(renderTable(HEADINGS, ROWS))
  })

  test('wraps the widest cells where there is not', () => {
    expect(renderTable(HEADINGS, ROWS, 40)).toBe(
      [
        'NODE  STATUS   ADDRESSES',
        '────────────────────────────────────────',
        'r1    running  10.0.0.0/31, 10.0.0.2/31,',
        '               fd00::/127',
        '日本  paused   10.0.0.1/31',
      ].join('\n'),
    )
  })

  test('becomes records where its headings and shortest lines do not fit', () => {
    expect(renderTable(HEADINGS, ROWS, 25)).toBe(
      [
        ...[
          'NODE       r1',
          'STATUS     running',
          'ADDRESSES  10.0.0.0/31,',
          '           10.0.0.2/31,',
          '           fd00::/127',
        ],
        '',
        ...['NODE       日本', 'STATUS     paused', 'ADDRESSES  10.0.0.1/31'],
      ].join('\n'),
    )
  })

  test.each([20, 25, 30, 40, 60, 80])('has no line beyond column %i', (columns) => {
    const rows = [
      ...ROWS,
      ['x'.repeat(63), '', `/${'very-long/'.repeat(20)}`],
      ['e\u0301👨‍👩‍👧'.repeat(40), 'a, b', null],
    ]
    expect(widest(renderTable(HEADINGS, rows, columns))).toBeLessThanOrEqual(columns)
  })
})

test('the columns of a narrow terminal lose no text', () => {
  const cell = 'alpha beta, gamma delta-epsilon 日本語 zeta,eta'
  for (let width = 2; width < 50; width++)
    expect(wrap(cell, width).join('').replaceAll(' ', '')).toBe(cell.replaceAll(' ', ''))
})

test.each(['left', 'right'] as const)('a long table looks as a short one, aligned %s', (align) => {
  const head = ['NODE', 'A']
  const cells = [
    ['r1', 'x, y'],
    ['日本', ''],
    ['', 'z'],
  ].map((row) => row.map((cell) => wrap(cell, 4)))
  const short = renderTable(
    head,
    [
      ['r1', 'x, y'],
      ['日本', ''],
      ['', 'z'],
    ],
    Number.POSITIVE_INFINITY,
    align,
  )
  expect(padded(head, cells, [4, 4], align)).toBe(short)
})

test('many rows: one rule, and all lines aligned', () => {
  const rows = Array.from({ length: 100_000 }, (_, index) => [`r${index}`, 4, '10.0.0.0/31', null, 'eth0', 'main'])
  const lines = renderTable(['node', 'family', 'destination', 'gateway', 'interface', 'table'], rows).split('\n')
  expect(lines).toHaveLength(100_002)
  expect(lines[50_002]).toBe('r50000  4       10.0.0.0/31  -        eth0       main')
})

test('the widths of columns are at most those of the terminal', () => {
  expect(columnWidths(['a', 'b'], [['x x x x', 'y y']], 8)).toEqual([3, 3])
  expect(columnWidths(['heading', 'heading'], [], 10)).toBe(null)
})
