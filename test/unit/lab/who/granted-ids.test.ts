// Which ranges of ids nodes get: lines of /etc/subuid and /etc/subgid, and what root gets without any.
import { expect, test } from 'vitest'
import { parseGrants } from '../../../../src/kernel/subordinate-ids.js'
import { firstUngrantedRange, soundGrants } from '../../../../src/lab/who/granted-ids.js'

test.each([
  ['', 100_000],
  ['alice:100000:65536', 165_536],
  ['alice:100000:65536\nbob:165536:65536\n', 231_072],
  ['carol:165535:1', 165_536],
  ['carol:165536:1', 100_000],
  ['everybody:0:4294967295', 100_000],
])('beside %j it is 65,536 ids from %i on', (text, start) => {
  expect(firstUngrantedRange(parseGrants(text))).toEqual({ start, count: 65_536 })
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
  ['root:2000:10\nroot:2009:10', [[2000, 10]], 'root:2009:10 overlaps another line'],
])('of %j, %j is used', (text, spans, unused) => {
  const sound = soundGrants(parseGrants(text), USERS)
  expect(sound.spans.map(({ start, count }) => [start, count])).toEqual(spans)
  expect(sound.unused.join()).toBe(unused)
})
