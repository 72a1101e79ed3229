// What is said of the kernel's refusals.
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { KernelError } from '../../src/errors.js'

// perl(1), which every Debian has, asks strerror(3).
test.each([2, 10, 87, 116, 122])('errno %i is said in the words of the C library', (errno) => {
  const script = '$! = shift; print "$!"'
  const words = execFileSync('perl', ['-e', script, String(errno)], { env: { LC_ALL: 'C' } }).toString()
  const { message } = new KernelError({ operation: 'do', target: 'it', errno })
  expect(message.toLowerCase()).toMatch(
    new RegExp(`^cannot do \\(it\\): e[a-z]+: .*${words.toLowerCase().split(' ')[0]}`),
  )
})

test('an errno without a name is said by its number', () => {
  expect(new KernelError({ operation: 'do', target: 'it', errno: 4000 }).message).toBe('cannot do (it): errno 4000')
})
