// What calling the native helper adds to it: whatever goes wrong around it ends as one error, and leaves no process.
import { expect, test } from 'vitest'
import { runShim } from '../../src/kernel/shim.js'

test('a word that would be two in the spec is refused', async () => {
  const spec = ['namespace', 'net\0mount']
  await expect(runShim({ verb: 'probe', args: [], spec, onReport: () => {} })).rejects.toMatchObject({
    code: 'USAGE',
    message: '"net\\u0000mount" has a NUL character, which no name, path or setting can have',
  })
})
