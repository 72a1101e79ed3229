// Whether a lab is alive: only a lock that is held or free answers. Nothing is removed while that is not known.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { basename, join } from 'node:path'
import { expect, vi } from 'vitest'
import { lockStateOf } from '../../../../src/lab/record/lab-lock.js'
import { listLabs } from '../../../../src/lab/record/list-labs.js'
import { test, uniqueName } from '../../../support/lab.js'

const { failures } = vi.hoisted(() => ({ failures: new Map<string, string>() }))

// Opening a file whose name is in `failures` fails with that errno.
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const openSync: typeof fs.openSync = (path, ...rest) => {
    const code = failures.get(basename(String(path))) as keyof typeof constants.errno | undefined
    if (code === undefined) return fs.openSync(path, ...rest)
    throw Object.assign(new Error(`${code}: open '${path}'`), { code, errno: -constants.errno[code] })
  }
  return { ...fs, openSync }
})

test.for(['EMFILE', 'ENFILE', 'ENOMEM', 'EIO', 'EACCES', 'EPERM'])(
  'a lab whose lock cannot be opened (%s) is not taken for dead',
  (code, { nslab, stateDirectory }) => {
    const name = uniqueName('lock')
    expect(nslab(['up', '-', '--name', name], { input: 'nodes: {a: {}}' }).status).toBe(0)
    failures.set('lock', code)
    try {
      expect(() => listLabs()).toThrow(new RegExp(`cannot open the lock of a lab \\(.*/${name}/lock\\): ${code}`))
    } finally {
      failures.clear()
    }
    expect(listLabs()).toMatchObject([{ name, alive: true }])
    expect(existsSync(join(stateDirectory, name, 'lock'))).toBe(true)
  },
)

test('a lock file is held, free or missing', ({ stateDirectory }) => {
  const make = (name: string, fill: (path: string) => void): string => {
    mkdirSync(join(stateDirectory, name))
    fill(join(stateDirectory, name, 'lock'))
    return join(stateDirectory, name)
  }
  expect(lockStateOf(make('free', (path) => writeFileSync(path, '')))).toBe('free')
  expect(lockStateOf(make('missing', () => {}))).toBe('missing')
  expect(lockStateOf(make('link', (path) => symlinkSync('/etc/passwd', path)))).toBe('missing')
  expect(lockStateOf(make('directory', (path) => mkdirSync(path)))).toBe('missing')
  expect(lockStateOf(make('fifo', (path) => spawnSync('mkfifo', [path])))).toBe('missing')
})
