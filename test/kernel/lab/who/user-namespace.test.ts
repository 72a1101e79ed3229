// Root of a user namespace, as in a container of an ordinary user or below unshare(1): nodes get the ids that exist in it.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

const PAIR = 'nodes: {h1: {}, h2: {}}\nlinks: [[h1, h2]]'

type Run = (args: string[], env?: NodeJS.ProcessEnv) => { status: number | null; stdout: string; stderr: string }

/** Makes a user namespace with the given id map. @returns a function that runs nslab as root of it */
async function rootBelow(map: string, kinds = '-Un'): Promise<Run> {
  const user = new TestUser(Number(map.split(' ')[1]))
  onTestFinished(() => user[Symbol.dispose]())
  const become = ['--reuid', String(user.uid), '--regid', String(user.uid), '--clear-groups']
  const script = 'echo made; exec sleep 1000'
  const holder: ChildProcess = spawn('setpriv', [...become, 'unshare', kinds, 'sh', '-c', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(async () => {
    holder.kill()
    await once(holder, 'exit')
  })
  await once(holder.stdout as NodeJS.ReadableStream, 'data')
  for (const kind of ['uid', 'gid']) writeFileSync(`/proc/${holder.pid}/${kind}_map`, map)
  const enter = ['-t', String(holder.pid), '-U', ...(kinds.includes('n') ? ['-n'] : []), '-S', '0', '-G', '0']
  const program = [process.execPath, join(user.checkoutPath, 'bin/run.js')]
  return (args, env = {}) =>
    spawnSync('nsenter', [...enter, ...program, ...args], {
      cwd: '/',
      encoding: 'utf8',
      input: args[0] === 'up' ? PAIR : '',
      env: { PATH: process.env.PATH, NO_COLOR: '1', NSLAB_STATE_DIR: join(user.directory, 'labs'), ...env },
    })
}

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim().replace(/ +/g, ' '))

test.each<[string, string, string[], string]>([
  ['one id', '0 61011 1', ['0 0 1'], 'uids 0, gids 0'],
  ['65,536 ids', '0 300000 65536', ['0 1 65535'], 'uids 1 to 65535, gids 1 to 65535'],
  ['a user and a range', '0 61012 1\n1 400000 65536', ['0 1 65536'], 'uids 1 to 65536, gids 1 to 65536'],
  ['two ranges', '0 61013 10\n10 500000 5', ['0 1 9', '9 10 5'], 'uids 1 to 9 and 10 to 14, gids 1 to 9 and 10 to 14'],
])('with %s, a lab comes up, and doctor says so', async (_, map, nodeMap, found) => {
  const nslab = await rootBelow(map)
  const name = uniqueName('below')
  for (const env of [{}, { NSLAB_ROOTLESS: '1' }]) {
    const up = nslab(['up', '-', '--name', name], env)
    expect(up.status, up.stderr).toBe(0)
    expect(nslab(['ping', `${name}/h1`, 'h2', '-c', '1'], env)).toMatchObject({ status: 0 })
    const uidMap = lines(nslab(['exec', `${name}/h1`, '--', 'cat', '/proc/self/uid_map'], env).stdout)
    if (!('NSLAB_ROOTLESS' in env)) expect(uidMap).toEqual(nodeMap)
    expect(uidMap).toHaveLength(nodeMap.length)
    expect(nslab(['down', name], env)).toMatchObject({ status: 0 })
  }
  const doctor = nslab(['doctor'])
  expect(doctor.stdout).toContain('labs can be made here')
  expect(doctor.stdout).toMatch(new RegExp(`subids +(?:ok|limited) +${found}`))
})

test('where it is not root of its network, a lab has an outer user namespace, as an ordinary user’s', async () => {
  const nslab = await rootBelow('0 61014 1\n1 600000 65536', '-U')
  const name = uniqueName('below')
  expect(nslab(['up', '-', '--name', name])).toMatchObject({ status: 0, stderr: '' })
  const { rootless, nodes } = JSON.parse(nslab(['inspect', name, '--json']).stdout)
  expect(rootless).toBe(true)
  expect(readFileSync(`/proc/${nodes[0].pid}/status`, 'utf8')).toMatch(/^Uid:\t600000\t/m)
  expect(nslab(['ping', '--all', '--lab', name])).toMatchObject({ status: 0, stderr: '' })
  expect(nslab(['down', name])).toMatchObject({ status: 0 })
})
