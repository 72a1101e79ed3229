// What is said of the kernel's refusals.
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { constants } from 'node:os'
import { expect, test } from 'vitest'
import { failedCall, KernelError, LabError } from '../../src/errors.js'

// perl(1), which every Debian has, asks strerror(3).
test.each([2, 8, 10, 35, 37, 74, 87, 115, 116, 117, 122])('errno %i is said in the words of the C library', (errno) => {
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

test('a call of Node.js that failed is the kernel’s refusal, unless an argument was wrong', () => {
  const failed = (path: string): unknown => {
    try {
      return readdirSync(path)
    } catch (error) {
      return error
    }
  }
  expect(failedCall(failed('/proc/self/nosuch'))).toMatchObject({
    code: 'KERNEL_REFUSED',
    message: 'cannot scandir (/proc/self/nosuch): ENOENT: no such file or directory',
  })
  const wrong = Object.assign(new Error('EBADF'), { errno: -constants.errno.EBADF, syscall: 'close' })
  for (const each of [wrong, new TypeError('no'), 'text', undefined, null]) expect(failedCall(each)).toBe(null)
})

test('the stack of an error has each fault with its place, above the frames', () => {
  const issues = [
    { line: 2, column: 19, path: 'nodes.a.kind', message: 'there is no kind rooter' },
    { file: 'inner.yaml', line: 4, column: 1, path: 'links', message: 'expected a list' },
  ]
  const { stack } = new LabError('TOPOLOGY_INVALID', 'lab.yaml has 2 faults', { issues, file: 'lab.yaml' })
  expect(stack).toMatch(
    /^(?:Lab)?Error: lab\.yaml has 2 faults\n {4}lab\.yaml:2:19: there is no kind rooter\n {4}inner\.yaml:4:1: expected a list\n {4}at /,
  )
})
