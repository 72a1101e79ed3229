// Which ranges of ids nodes get: lines of /etc/subuid and /etc/subgid, and what root gets without any.
import { expect, test } from 'vitest'
import { lastIdForGrants, parseGrants } from '../../../../src/kernel/subordinate-ids.js'
import { firstToGrant, rangeForRoot, soundGrants } from '../../../../src/lab/who/granted-ids.js'

const ALL = [{ inside: 0, outside: 0, count: 4_294_967_295 }]
const FIRST = 0x7f00_0000

test.each([
  ['', 600_100_000, FIRST],
  ['alice:100000:65536', 600_100_000, FIRST],
  [`carol:${FIRST}:1`, 600_100_000, FIRST + 65_536],
  [`carol:${FIRST - 1}:1`, 600_100_000, FIRST],
  [`carol:${FIRST}:65536\nbob:${FIRST + 65_537}:1`, 600_100_000, FIRST + 2 * 65_536],
  ['', FIRST, FIRST + 65_536],
  ['', FIRST - 1, FIRST],
])('beside %j, where useradd grants up to %i, root has 65,536 ids from %i on', (text, last, start) => {
  expect(rangeForRoot(parseGrants(text), ALL, last)).toEqual({ start, count: 65_536 })
})

test.each([
  ['', 1_000_000, 934_464],
  ['alice:999999:1', 1_000_000, 868_928],
  ['', 65_537, 1],
  ['', 65_536, null],
])('beside %j, root of a user namespace with %i ids has its last ones', (text, count, start) => {
  const range = rangeForRoot(parseGrants(text), [{ inside: 0, outside: 100_000, count }], 600_100_000)
  expect(range).toEqual(start === null ? null : { start, count: 65_536 })
})

test('when everybody is granted everything, root has no range', () => {
  expect(rangeForRoot(parseGrants('everybody:0:4294967295'), ALL, 600_100_000)).toBeNull()
})

test.each([
  ['', 600_100_000],
  ['SUB_UID_MAX\t\t600100000\nSUB_GID_MAX 700100000\n', 700_100_000],
  ['#SUB_UID_MAX 900100000\n SUB_UID_MAX 0x30000000 # hexadecimal\nSUB_GID_MAX 07\n', 0x3000_0000],
])('of %j, useradd grants ids up to %i', (text, last) => {
  expect(lastIdForGrants(text)).toBe(last)
})

test.each([
  ['', 100_000],
  ['anna:100000:65536\nben:165536:65536', 231_072],
  ['ben:165536:65536\nanna:100000:65536\ncarla:250000:1\ndora:90000:20000', 250_001],
  ['anna:150000:1\nben:90000:200000', 290_000],
  ['anna:165536:65536', 100_000],
])('beside %j, a range from %i on can be granted', (text, start) => {
  expect(firstToGrant(parseGrants(text))).toBe(start)
})

const USERS = parseGrants('user root:0:1\nuser alice:1001:1\n')

test.each([
  ['root:1000000:65536', [[1_000_000, 65_536]], ''],
  ['root:1001:1', [], 'root:1001:1 contains 1001, the id of user alice'],
  ['root:0:65536', [], 'root:0:65536 contains 0, the id of user root'],
  ['root:1000:100', [], 'root:1000:100 contains 1001, the id of user alice'],
  ['root:1002:100', [[1002, 100]], ''],
  ['root:4294967290:100', [], 'root:4294967290:100 goes beyond the largest id'],
  [
    'root:2000:10\nroot:3000:10',
    [
      [2000, 10],
      [3000, 10],
    ],
    '',
  ],
  [
    'root:2000:10\nroot:2009:10',
    [
      [2000, 10],
      [2010, 9],
    ],
    '',
  ],
  ['root:2000:10\nroot:2000:10\nroot:2003:4', [[2000, 10]], ''],
  [
    'root:2010:10\nroot:2000:30\nroot:2015:20',
    [
      [2010, 10],
      [2000, 10],
      [2020, 10],
      [2030, 5],
    ],
    '',
  ],
])('of %j, %j is used', (text, spans, unused) => {
  const sound = soundGrants(parseGrants(text), USERS)
  expect(sound.spans.map(({ start, count }) => [start, count])).toEqual(spans)
  expect(sound.unused.join()).toBe(unused)
})
