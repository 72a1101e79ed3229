// Names in /run/netns lead to descriptors of keepers. Once a keeper was killed, its PID may be another process's.
import { spawn } from 'node:child_process'
import { lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { processesOf, test, uniqueName } from '../../../support/lab.js'
import { waitUntilGone } from '../../../support/shim.js'

const DIRECTORY = '/run/netns'
const isThere = (name: string) => lstatSync(join(DIRECTORY, name), { throwIfNoEntry: false }) !== undefined

/** Makes a name, which the test removes if nobody else does. */
function link(name: string, target: string): string {
  mkdirSync(DIRECTORY, { recursive: true })
  symlinkSync(target, join(DIRECTORY, name))
  onTestFinished(() => rmSync(join(DIRECTORY, name), { force: true }))
  return name
}

for (const command of ['ls', 'gc', 'up', 'exec'])
  test(`${command} removes the names of a lab whose keeper was killed, and no others`, async ({ nslab }) => {
    const [name, other] = [uniqueName('netns'), uniqueName('netns')]
    const input = 'nodes: {a: {}, b: {}}'
    for (const lab of [name, other]) expect(nslab(['up', '-', '--name', lab], { input }).status).toBe(0)
    const labs = nslab(['ls', '--json']).json().labs
    const keeper = labs.find((each: { name: string }) => each.name === name).keeper.pid
    const sleeper = spawn('sleep', ['60'])
    onTestFinished(() => void sleeper.kill())
    // As after the kernel has given the keeper's PID to another process.
    const reused = link(`${uniqueName('gone')}.a`, `/proc/${sleeper.pid}/fd/0`)
    const foreign = [
      link(`${uniqueName('own')}.a`, `/proc/${sleeper.pid}/ns/net`),
      link(uniqueName('own'), `/proc/${sleeper.pid}/fd/0`),
    ]
    process.kill(keeper, 'SIGKILL')
    await waitUntilGone(keeper)
    expect(isThere(`${name}.a`)).toBe(true)

    if (command === 'up') expect(nslab(['up', '-', '--name', name], { input })).toMatchObject({ status: 0, stderr: '' })
    else if (command === 'exec') expect(nslab(['exec', `${other}/a`, '--', 'true']).status).toBe(0)
    else expect(nslab([command]).status).toBe(0)
    const names = readdirSync(DIRECTORY)
    expect(names.filter((each) => each.startsWith(`${name}.`))).toHaveLength(command === 'up' ? 2 : 0)
    if (command === 'up') expect(processesOf(name)).toHaveLength(3)
    else expect(isThere(reused)).toBe(false)
    for (const each of [...foreign, `${other}.a`, `${other}.b`]) expect(isThere(each), each).toBe(true)
  })
