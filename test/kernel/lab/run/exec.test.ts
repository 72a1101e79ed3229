// What goes into a command in a node, and what comes out of it while it runs.
import { PassThrough, Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'vitest'
import { Lab, type LabNode } from '../../../../src/index.js'
import { test as base, uniqueName } from '../../../support/lab.js'

const test = base.extend<{ h1: LabNode }>({
  h1: async ({ stateDirectory }, use) => {
    void stateDirectory
    await using lab = await Lab.up(`{name: ${uniqueName('exec')}, nodes: {h1: {}}}`)
    await use(lab.node('h1'))
  },
})

const cwd = '/'

test.for([
  ['text', 'grün\n', 'grün\n'],
  ['a word that means something elsewhere', 'inherit', 'inherit'],
  ['bytes', Buffer.from([0x67, 0x0a]), 'g\n'],
  ['a stream', Readable.from(['one ', 'two']), 'one two'],
] as const)('a command reads %s', async ([, input, stdout], { h1 }) => {
  expect(await h1.exec(['cat'], { cwd, input })).toEqual({ exitCode: 0, stdout, stderr: '' })
})

test('a stream that goes on does not keep the call, which leaves it open', async ({ h1 }) => {
  const input = new PassThrough()
  input.write('first\n')
  expect(await h1.exec(['head', '-n1'], { cwd, input })).toMatchObject({ exitCode: 0, stdout: 'first\n' })
  expect(await h1.exec(['true'], { cwd, input })).toMatchObject({ exitCode: 0 })
  input.end('second\n')
  expect(await h1.exec(['cat'], { cwd, input })).toMatchObject({ stdout: 'second\n' })
})

test('the error of a stream that fails is that of the call, and ends the command', async ({ h1 }) => {
  const reason = new Error('no more')
  const input = new Readable({ read: () => input.destroy(reason) })
  await expect(h1.exec(['cat'], { cwd, input })).rejects.toBe(reason)
  expect((await h1.exec(['ps', '-e', '-o', 'comm='], { cwd })).stdout).not.toContain('cat')
})

test('what a command writes is passed on while it runs, whole characters at a time', async ({ h1 }) => {
  const input = new PassThrough()
  const [out, err]: [string[], string[]] = [[], []]
  const script = "printf '\\303'; sleep 0.1; printf '\\274\\n'; echo oh >&2; read go; echo end"
  const running = h1.exec(['sh', '-c', script], {
    ...{ cwd, input },
    onStdout: (text) => out.push(text),
    onStderr: (text) => err.push(text),
  })
  while (err.length === 0) await setTimeout(10)
  expect([out.join(''), err]).toEqual(['ü\n', ['oh\n']])
  input.end('go\n')
  expect(await running).toEqual({ exitCode: 0, stdout: 'ü\nend\n', stderr: 'oh\n' })
  expect(out.join('')).toBe('ü\nend\n')
})

test('what a listener throws rejects the call and kills the command', async ({ h1 }) => {
  const onStdout = () => {
    throw new RangeError('enough')
  }
  const began = performance.now()
  const running = h1.exec(['sh', '-c', 'echo one; echo two; exec sleep 60'], { cwd, onStdout })
  await expect(running).rejects.toThrow(new RangeError('enough'))
  expect(performance.now() - began).toBeLessThan(20_000)
  expect((await h1.exec(['pgrep', '-x', 'sleep'], { cwd })).stdout).toBe('')
})

test('the signal that killed a command is in the result', async ({ h1 }) => {
  const killed = h1.exec(['sh', '-c', 'kill -USR1 $$'], { cwd, reject: true })
  await expect(killed).rejects.toMatchObject({
    message: 'h1: sh -c kill -USR1 $$ ended with status 138 (SIGUSR1)',
    result: { exitCode: 138, signal: 'SIGUSR1' },
  })
  expect(await h1.exec(['sh', '-c', 'exit 138'], { cwd })).toEqual({ exitCode: 138, stdout: '', stderr: '' })
})
