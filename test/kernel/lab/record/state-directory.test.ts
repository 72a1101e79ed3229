// Only directories of labs are removed from a state directory, never other files of the user in it.
import { existsSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { makeLabDirectory } from '../../../../src/lab/record/lab-directory.js'
import { test, uniqueName } from '../../../support/lab.js'

const PAIR = 'nodes: {a: {}, b: {}}\nlinks: [[a, b]]'

test('directories and files of somebody’s are left alone, and no lab takes their place', ({
  nslab,
  stateDirectory,
}) => {
  const own = ['work/report.txt', 'project/lock', 'project/main.c', 'notes', '.config/nslab']
  for (const directory of ['work', 'project', 'desktop', '.config'])
    mkdirSync(join(stateDirectory, directory), { recursive: true })
  for (const file of own) writeFileSync(join(stateDirectory, file), 'mine')
  const name = uniqueName('place')

  expect(nslab(['up', '-', '--name', name], { input: PAIR }).status).toBe(0)
  expect(nslab(['ls', '--json']).json().labs).toMatchObject([{ name }])
  for (const taken of ['work', 'project', 'desktop', 'notes']) {
    const refused = nslab(['up', '-', '--name', taken], { input: PAIR })
    expect(refused.stderr).toMatch(new RegExp(`/${taken} exists and is not the directory of a lab`))
    expect(refused.status).toBe(4)
    expect(nslab(['down', taken]).status).toBe(7)
  }
  expect(nslab(['gc']).status).toBe(0)
  expect(nslab(['down', '--all']).status).toBe(0)

  for (const file of [...own, 'desktop']) expect(existsSync(join(stateDirectory, file)), file).toBe(true)
  expect(readdirSync(stateDirectory).toSorted()).toEqual(['.config', 'desktop', 'notes', 'project', 'work'])
})

test('what a killed up or down had begun is removed by the next command', ({ nslab, stateDirectory }) => {
  for (const directory of ['.nslab-new-x', '.nslab-gone-y', 'dead']) {
    mkdirSync(join(stateDirectory, directory))
    writeFileSync(join(stateDirectory, directory, 'lock'), '')
  }
  writeFileSync(join(stateDirectory, 'dead', 'state.json.new'), '{')
  expect(nslab(['ls']).status).toBe(0)
  expect(readdirSync(stateDirectory)).toEqual([])
})

test('a state directory that cannot be made is refused, and a relative one is one', ({ nslab, stateDirectory }) => {
  const up = (place: string) =>
    nslab(['up', '-', '--name', uniqueName('place')], {
      input: PAIR,
      env: { NSLAB_STATE_DIR: place },
      cwd: stateDirectory,
    })
  for (const place of ['/proc/nslab', '/proc/1/nslab/deeper', '/dev/null/nslab']) {
    const { status, stderr } = up(place)
    expect(stderr).toMatch(/^error: cannot make the state directory .*: ENO(?:ENT|TDIR)/)
    expect(status).toBe(4)
  }
  expect(up('own/labs')).toMatchObject({ status: 0, stderr: '' })
  expect(readdirSync(join(stateDirectory, 'own/labs'))).toHaveLength(1)
  expect(nslab(['down', '--all'], { env: { NSLAB_STATE_DIR: join(stateDirectory, 'own/labs') } }).status).toBe(0)
})

/** The file behind an open descriptor. The descriptor that listed the directory is closed by now. */
function pathOf(fd: string): string[] {
  try {
    return [readlinkSync(`/proc/self/fd/${fd}`)]
  } catch {
    return []
  }
}

test('a directory that cannot be made leaves no descriptor and no file behind', ({ stateDirectory }) => {
  const taken = join(stateDirectory, 'taken')
  mkdirSync(taken)
  writeFileSync(join(taken, 'file'), 'mine')
  expect(() => makeLabDirectory(taken)).toThrow(/ENOTEMPTY/)
  expect(readdirSync(stateDirectory)).toEqual(['taken'])
  const open = readdirSync('/proc/self/fd').flatMap(pathOf)
  expect(open.filter((path) => path.startsWith(stateDirectory))).toEqual([])
})
