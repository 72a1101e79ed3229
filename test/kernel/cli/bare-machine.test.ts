// A machine that lacks what every other has: the command says what is missing.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'vitest'
import { ROOT, test, uniqueName } from '../../support/lab.js'

/** Runs the command in a mount namespace in which `script` has changed the machine. */
function on(script: string, args: readonly string[], stateDirectory: string) {
  const words = ['-m', 'sh', '-c', `${script} && exec "$@"`, 'sh', process.execPath, join(ROOT, 'bin/run.js'), ...args]
  const env = { ...process.env, NSLAB_STATE_DIR: stateDirectory }
  const { status, stdout, stderr } = spawnSync('unshare', words, { input: 'nodes: {a: {}}', encoding: 'utf8', env })
  return { status, stdout, stderr }
}

test.for([['up', '-'], ['ls'], ['inspect'], ['down', '--all'], ['doctor'], ['gc']])(
  'without /proc, %j says that it is not mounted',
  (args, { nslab, stateDirectory }) => {
    const name = uniqueName('bare')
    expect(nslab(['up', '-', '--name', name], { input: 'nodes: {a: {}}' }).status).toBe(0)
    const { status, stderr } = on('umount -l /proc', args, stateDirectory)
    expect(stderr).toMatch(/^error: \/proc is not mounted here.*\nhint: `mount -t proc proc \/proc`.*\n$/)
    expect(status).toBe(4)
    expect(nslab(['down', name]).status).toBe(0)
  },
)

test('without /proc, a topology is still checked', ({ stateDirectory }) => {
  expect(on('umount -l /proc', ['validate', '-'], stateDirectory)).toMatchObject({ status: 0, stderr: '' })
})

test('without /dev/null, up says that it is missing', ({ stateDirectory }) => {
  const { status, stderr } = on('mount -t tmpfs dev /dev', ['up', '-'], stateDirectory)
  expect(stderr).toMatch(/^error: this machine has no \/dev\/null\nhint: `mknod .*\n$/)
  expect(status).toBe(4)
})
