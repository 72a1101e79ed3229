import { expect, test } from 'vitest'
import { ExecFailure, KernelError, LabError } from '../../../../src/errors.js'
import { receivedError, sentError } from '../../../../src/lab/remote/sent-error.js'
import { CommandError } from '../../../../src/lab/run/command-error.js'

const issues = [{ line: 2, column: 19, path: 'nodes.a.kind', message: 'there is no kind rooter' }]
const kernelError = new KernelError({
  operation: 'create veth',
  target: 'a:eth0',
  errno: 17,
  step: 'fork',
  hint: 'wait',
})

/** What comes out at the other end of a channel of structured clones. */
const received = (thrown: unknown, call: Error | null = null) => receivedError(structuredClone(sentError(thrown)), call)

test.each([
  new LabError('TOPOLOGY_INVALID', 'a fault', { issues, file: 'x.yaml', hint: 'mend it' }),
  kernelError,
  new KernelError({ operation: 'make', target: 'x', errno: 95, lack: 'this kernel has none' }, { cause: kernelError }),
  new CommandError('h1', ['false'], { exitCode: 1, stdout: '', stderr: 'no\n' }),
  new ExecFailure(new LabError('NODE_PAUSED', 'h1 is paused')),
  new TypeError('no'),
  Object.assign(new Error('no'), { code: 'EPERM', errno: -1, socket: { write: () => {} } }),
  new DOMException('aborted', 'AbortError'),
])('%s stays what it is', (error) => {
  const result = received(error)
  const { exitCode } = result as LabError
  expect(result.message).toBe(error.message)
  expect(result.name).toBe(error.name)
  expect(result.stack).toBe(error.stack)
  expect(exitCode).toBe((error as LabError).exitCode)
  for (const each of [LabError, KernelError, CommandError, ExecFailure])
    expect(result instanceof each).toBe(error instanceof each)
  const { socket, ...properties } = { socket: null, ...error }
  expect(socket === null || 'write' in socket).toBe(true)
  expect({ ...result }).toMatchObject(properties)
  expect((result.cause as Error | undefined)?.message).toBe((error.cause as Error | undefined)?.message)
})

test('the frames of the call follow those of the error', () => {
  const [error, call] = [new LabError('USAGE', 'no'), new Error()]
  error.stack = 'LabError: no\n    1:1: a fault\n    at helper (helper.js:1:1)'
  call.stack = 'Error\n    at up (program.js:1:1)'
  expect(received(error, call).stack).toBe(`${error.stack}\n    at up (program.js:1:1)`)
})

test('what is no error becomes one', () => {
  expect(received('no')).toMatchObject({ name: 'Error', message: 'no' })
})
