// Root enters a process of another user only when that user has made its namespaces, and takes no working directory along.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { foreignNamespace } from '../../../../src/lab/who/foreign-namespace.js'
import { startTimeOf } from '../../../../src/lab/who/process-identity.js'
import { SHIM } from '../../../support/shim.js'

const UID = 61_017

/** Starts a process of the user in new namespaces. It ends with the test. */
async function processIn(...kinds: string[]): Promise<number> {
  const user = ['--reuid', String(UID), '--regid', String(UID), '--clear-groups']
  const command = ['unshare', ...kinds, '--map-root-user', 'sh', '-c', 'echo ready; read line']
  const child: ChildProcess = spawn('setpriv', [...user, ...command], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  return child.pid as number
}

test('a process in a namespace that its user has not made is named by the kind', async () => {
  expect(foreignNamespace(await processIn('-U', '-m', '-n'), UID)).toBe('pid')
  expect(foreignNamespace(await processIn('-U', '-n'), UID)).toBe('pid')
  expect(foreignNamespace(process.pid, 0)).toBe('user')
  // A user namespace of another user.
  expect(foreignNamespace(await processIn('-U', '-m', '-n'), UID + 1)).toBe('user')
})

test('a command takes no directory of the caller into a node that shares the mounts of the machine', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'nslab-private-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  chmodSync(directory, 0o700)
  const pid = await processIn('-U')
  const { stdout, stderr } = spawnSync(
    SHIM,
    ['exec', '--pid', String(pid), '--start-time', String(startTimeOf(pid)), '--', 'readlink', '/proc/self/cwd'],
    { cwd: directory, encoding: 'utf8' },
  )
  expect({ stdout, stderr }).toEqual({ stdout: '/\n', stderr: '' })
})
