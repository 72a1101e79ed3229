// /proc/key-users, as the kernel writes it.
import { expect, test } from 'vitest'
import { parseKeysFree } from '../../../../src/kernel/proc/keys.js'

const KEY_USERS = `    0:    17 16/16 11/1000000 88/25000000
61002:     4 4/4 198/200 20/20000
`

test('the keys that a user may still make', () => {
  expect(parseKeysFree(KEY_USERS, 0)).toBe(999_989)
  expect(parseKeysFree(KEY_USERS, 61_002)).toBe(2)
  expect(parseKeysFree(KEY_USERS, 61)).toBe(Infinity)
  expect(parseKeysFree('', 0)).toBe(Infinity)
})
