// What was done under the lock of a state directory is not lost when the directory cannot be looked at afterwards: `up` would
// not know that it has claimed a lab, and leave it.
import { constants } from 'node:os'
import { expect, vi } from 'vitest'
import { KernelError } from '../../../../src/errors.js'
import { whenStateLocked, withStateLock } from '../../../../src/lab/record/state-lock.js'
import { test } from '../../../support/lab.js'

vi.mock('../../../../src/lab/record/state-directory.js', async (original) => ({
  ...(await original<typeof import('../../../../src/lab/record/state-directory.js')>()),
  isDefaultStateDirectory: (target: string) => {
    throw new KernelError({ operation: 'examine', target, errno: constants.errno.ENOMEM })
  },
}))

test('the result of the action comes back', async ({ stateDirectory }) => {
  expect(withStateLock(stateDirectory, () => 'claimed')).toBe('claimed')
  expect(await whenStateLocked(stateDirectory, () => 'claimed', undefined)).toBe('claimed')
})

test('so does its failure', ({ stateDirectory }) => {
  const fail = () => {
    throw new Error('no')
  }
  expect(() => withStateLock(stateDirectory, fail)).toThrow('no')
})
