// `apply` that is killed or interrupted at the system calls between which the lab's files, its nodes and the keeper's descriptors
// differ.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest'
import { openSession } from '../../../../src/lab/session/session.js'
import { Injector, type Moment } from '../../../support/injected.js'
import { type Cli, processesOf, ROOT, test, uniqueName } from '../../../support/lab.js'

//   h1 ── r1 ── h2, r1 ── old
const BEFORE = `
nodes: { h1: {}, r1: { kind: router }, h2: {}, old: {} }
links: [["h1:eth0", "r1:eth0"], ["r1:eth1", "h2:eth0"], ["r1:eth3", "old:eth0"]]
`
// A node and a link come and go, and h2 restarts.
const AFTER = `
nodes: { h1: { hostname: www }, r1: { kind: router }, h2: { namespaces: { ipc: shared } }, new: {} }
links: [["h1:eth0", "r1:eth0"], ["r1:eth1", "h2:eth0"], ["r1:eth2", "new:eth0"]]
`
const MOMENTS: Moment[] = [
  ...[1, 2].map((nth) => ({ call: 'rename', object: 'applied.json.new', nth })),
  ...[1, 2, 3, 4].map((nth) => ({ call: 'rename', object: 'state.json.new', nth })),
  // To the keeper: `commit`, `drop`.
  ...[1, 2].map((nth) => ({ call: 'write', object: 'socket:[#]', nth })),
  ...[1, 2].map((nth) => ({ call: 'pidfd_send_signal', nth })),
]

let injector: Injector
beforeAll(() => {
  injector = new Injector()
})
afterAll(() => injector[Symbol.dispose]())

/** A lab, and the words that apply a text to it. */
function labOf(nslab: Cli, stateDirectory: string, before = BEFORE) {
  const lab = uniqueName('killed')
  expect(nslab(['up', '-', '--name', lab], { input: before }).status).toBe(0)
  const file = (text: string): string => {
    const path = join(stateDirectory, `${lab}.yaml`)
    writeFileSync(path, text)
    return path
  }
  return {
    lab,
    where: { directory: join(stateDirectory, lab), stateDirectory },
    words: (text: string) => ['apply', file(text), lab, '--name', lab, '--yes'],
    expectEqual: async (text: string) => {
      const diff = nslab(['diff', lab, file(text), '--name', lab, '--json'])
      expect(diff.json()).toMatchObject({ equal: true, differences: [] })
      expect(nslab(['ls', '--json']).json().labs[0]).not.toHaveProperty('degraded')
      const { keeper, nodes } = JSON.parse(readFileSync(join(stateDirectory, lab, 'state.json'), 'utf8'))
      using session = await openSession(keeper)
      expect(session.list()).toEqual(nodes.map(({ netnsFd }: any) => netnsFd).toSorted((a: number, b: number) => a - b))
      // With the keeper.
      expect(processesOf(lab)).toHaveLength(nodes.length + 1)
      expect(nslab(['ping', `${lab}/h1`, 'h2', '-c', '1'])).toMatchObject({ status: 0 })
    },
  }
}

test.for(MOMENTS)('killed at $call of $object, number $nth', async (moment, { nslab, stateDirectory }) => {
  const { words, where, expectEqual } = labOf(nslab, stateDirectory)
  injector.signalAt(moment, 'SIGKILL', words(AFTER), where)
  const again = nslab(words(AFTER))
  expect(again, again.stderr).toMatchObject({ status: 0 })
  await expectEqual(AFTER)
})

const WITH_DUMMY = BEFORE.replace('h1: {}', 'h1: { interfaces: { d0: { kind: dummy, addresses: [192.0.2.1/24] } } }')
const WITH_ROUTE = BEFORE.replace('kind: router', 'kind: router, routes: [{ to: 198.51.100.0/24, via: h2 }]')
/** Once nodes, links and addresses are there. */
const MADE: Moment = { call: 'rename', object: 'state.json.new', nth: 2 }

describe('what a change that was killed has made is the lab’s own', () => {
  test('after another one was killed', async ({ nslab, stateDirectory }) => {
    const { words, where, expectEqual } = labOf(nslab, stateDirectory)
    injector.signalAt(MADE, 'SIGKILL', words(WITH_DUMMY), where)
    // Before it has removed anything.
    injector.signalAt({ ...MADE, nth: 1 }, 'SIGKILL', words(WITH_ROUTE), where)
    expect(nslab(words(BEFORE))).toMatchObject({ status: 0 })
    await expectEqual(BEFORE)
  })

  test('after another one was rolled back', async ({ nslab, stateDirectory }) => {
    const { words, where, expectEqual } = labOf(nslab, stateDirectory)
    injector.signalAt(MADE, 'SIGKILL', words(WITH_DUMMY), where)
    expect(injector.signalAt(MADE, 'SIGINT', words(WITH_ROUTE), where)).toMatchObject({ status: 130 })
    expect(nslab(words(BEFORE))).toMatchObject({ status: 0 })
    await expectEqual(BEFORE)
  })
})

const WITH_COMMAND = AFTER.replace('new: {}', 'new: { exec: ["sleep 30"] }')

describe.for(['SIGINT', 'SIGTERM'] as const)('%s', (signal) => {
  test.for<Moment>([
    { call: 'rename', object: 'applied.json.new', nth: 1 },
    { call: 'rename', object: 'state.json.new', nth: 2 },
    { call: 'write', object: 'socket:[#]', nth: 1 },
  ])('at $call of $object, number $nth, rolls back', async (moment, { nslab, stateDirectory }) => {
    const { words, where, expectEqual } = labOf(nslab, stateDirectory)
    const { status, stderr } = injector.signalAt(moment, signal, words(WITH_COMMAND), where)
    expect(status, stderr).toBe(130)
    expect(stderr).toContain(`interrupted by ${signal}; everything was rolled back`)
    await expectEqual(BEFORE)
  })

  test('once nodes are removed, leaves the lab changed but for its commands', async ({ nslab, stateDirectory }) => {
    const { words, where, expectEqual } = labOf(nslab, stateDirectory)
    const moment: Moment = { call: 'pidfd_send_signal', nth: 2 }
    const { status, stderr } = injector.signalAt(moment, signal, words(WITH_COMMAND), where)
    expect(status, stderr).toBe(130)
    expect(stderr).toContain('stays so, but 1 command has not run')
    await expectEqual(AFTER)
  })

  test('leaves the lab changed while a command runs, and a second one does not stop that', async ({
    nslab,
    stateDirectory,
  }) => {
    const { lab, words, expectEqual } = labOf(nslab, stateDirectory)
    const child: ChildProcess = spawn(process.execPath, [join(ROOT, 'bin/run.js'), ...words(WITH_COMMAND)], {
      env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
      stdio: 'ignore',
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const ended = once(child, 'exit')
    for (const end = Date.now() + 20_000; !nslab(['ps', `${lab}/new`]).stdout.includes('sleep'); await setTimeout(20))
      if (Date.now() > end) throw new Error('the command never ran')
    for (const pauseMs of [20, 50, 0]) {
      child.kill(signal)
      await setTimeout(pauseMs)
    }
    expect(await ended).toEqual([130, null])
    await expectEqual(AFTER)
  })
})
