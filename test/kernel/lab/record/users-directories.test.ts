// What an ordinary user, or somebody else, does to the directories of that user's labs. A program that runs again in a user
// namespace cannot examine the keepers of the user's other labs.
import { chownSync, cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { processesOf, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

/** Ids that no user, process or file of the machine has. */
const ALICE = 61_051
const BOB = 61_052

const PAIR = 'nodes: {a: {}, b: {}}\nlinks: [[a, b]]'

function labOf(owner: TestUser): { name: string; directory: string } {
  const name = uniqueName('users')
  expect(owner.nslab(['up', '-', '--name', name], { input: PAIR })).toMatchObject({ status: 0 })
  return { name, directory: join(owner.directory, 'labs', name) }
}

function alice(): TestUser {
  const user = new TestUser(ALICE)
  onTestFinished(() => user[Symbol.dispose]())
  return user
}

test.each([
  ['is removed', (directory: string) => rmSync(directory, { recursive: true })],
  [
    'has a lock made anew',
    (directory: string) => {
      cpSync(join(directory, 'lock'), join(directory, '..', 'copy'), { preserveTimestamps: true })
      renameSync(join(directory, '..', 'copy'), join(directory, 'lock'))
      chownSync(join(directory, 'lock'), ALICE, ALICE)
    },
  ],
])('a running lab whose directory %s keeps its name', (_what, harm) => {
  const user = alice()
  const { name, directory } = labOf(user)
  harm(directory)
  expect(user.nslab(['up', '-', '--name', name], { input: PAIR })).toMatchObject({ status: 7 })
  const other = labOf(user)
  // Runs again in the other lab's user namespace.
  expect(user.nslab(['ping', `${other.name}/a`, 'b', '-c', '1'])).toMatchObject({ status: 0 })
  expect(processesOf(name)).toHaveLength(3)
  expect(user.nslab(['down', name])).toMatchObject({ status: 0 })
  expect(processesOf(name)).toEqual([])
})

test('what somebody else has put into the directory of a lab is named, and keeps no other lab from it', () => {
  const user = alice()
  const { name, directory } = labOf(user)
  mkdirSync(join(directory, 'private', 'inner'), { recursive: true })
  chownSync(join(directory, 'private'), BOB, BOB)
  const gone = join(user.directory, 'labs', `.nslab-gone-${name}`)
  expect(user.nslab(['down', name])).toMatchObject({ status: 6 })
  expect(processesOf(name)).toEqual([])
  const swept = user.nslab(['gc'])
  expect(swept).toMatchObject({ status: 6 })
  expect(swept.stderr).toContain(`\`rm -r ${gone}\``)

  expect(user.nslab(['up', '-', '--name', name], { input: PAIR })).toMatchObject({ status: 0 })
  expect(user.nslab(['ls', '--json']).json().labs).toMatchObject([{ name, status: 'running' }])
  expect(user.nslab(['down', name])).toMatchObject({ status: 0 })
  expect(existsSync(gone)).toBe(true)
  rmSync(gone, { recursive: true })
  expect(readdirSync(join(user.directory, 'labs'))).toEqual([])
  expect(user.nslab(['gc'])).toMatchObject({ status: 0 })
})
