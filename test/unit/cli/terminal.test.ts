import { expect, test } from 'vitest'
import { terminalColumns } from '../../../src/cli/terminal.js'

test.each([
  ['a pipe', { isTTY: false, columns: 80 }, { COLUMNS: '40' }, Number.POSITIVE_INFINITY],
  ['a terminal', { isTTY: true, columns: 80 }, {}, 80],
  ['COLUMNS', { isTTY: true, columns: 80 }, { COLUMNS: '120' }, 120],
  ['COLUMNS without sense', { isTTY: true, columns: 80 }, { COLUMNS: '-1' }, 80],
  ['COLUMNS without room', { isTTY: true, columns: 80 }, { COLUMNS: '0' }, 80],
  ['a terminal without a size', { isTTY: true, columns: 0 }, {}, Number.POSITIVE_INFINITY],
])('the width of %s', (_, stream, environment, columns) => {
  expect(terminalColumns(stream, environment)).toBe(columns)
})
