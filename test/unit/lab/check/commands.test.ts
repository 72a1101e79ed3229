import { expect, test } from 'vitest'
import { commandFailure } from '../../../../src/lab/check/commands.js'

const NOTHING = { status: 0, stdout: null, stderr: null }

test('an output of which only the end is kept fits no pattern, and matters to no other check', () => {
  const result = { exitCode: 0, stdout: 'the end', stderr: '', truncated: true } as const
  expect(commandFailure(result, { ...NOTHING, stdout: '/end/' })).toBe('the command printed more than 16 MiB')
  expect(commandFailure(result, NOTHING)).toBeNull()
  expect(commandFailure({ ...result, exitCode: 1 }, NOTHING)).toBe('exit status 1, not 0')
})
