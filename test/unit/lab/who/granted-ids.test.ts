// The ids that nodes of root's labs get when root has no line in /etc/subuid and /etc/subgid.
import { expect, test } from 'vitest'
import { parseGrants } from '../../../../src/kernel/subordinate-ids.js'
import { firstUngrantedRange } from '../../../../src/lab/who/granted-ids.js'

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
