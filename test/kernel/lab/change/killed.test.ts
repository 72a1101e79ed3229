// `apply` killed at the system calls between which the lab's files, its nodes and the keeper's descriptors differ.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { openSession } from '../../../../src/lab/session/session.js'
import { makeTools } from '../../../chaos/jail/tools.mjs'
import { processesOf, ROOT, test, uniqueName } from '../../../support/lab.js'

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
/** Where the injector sends the signal, as the call begins. */
const MOMENTS: [call: string, object: string, nth: number][] = [
  ...[1, 2].map((nth): [string, string, number] => ['rename', 'applied.json.new', nth]),
  ...[1, 2, 3, 4].map((nth): [string, string, number] => ['rename', 'state.json.new', nth]),
  // To the keeper: `commit`, `drop`.
  ...[1, 2].map((nth): [string, string, number] => ['write', 'socket:[#]', nth]),
  ...[1, 2].map((nth): [string, string, number] => ['pidfd_send_signal', '', nth]),
]

let tools = ''
beforeAll(() => {
  tools = makeTools()
})
afterAll(() => rmSync(tools, { recursive: true }))

test.for(MOMENTS)('at %s of %s, the %d. time', async ([call, file, nth], { nslab, stateDirectory }) => {
  const lab = uniqueName('killed')
  expect(nslab(['up', '-', '--name', lab], { input: BEFORE }).status).toBe(0)
  const path = join(stateDirectory, `${lab}.after.yaml`)
  writeFileSync(path, AFTER)
  const directory = join(stateDirectory, lab).replaceAll(/[0-9]+/g, '#')
  const words = ['apply', path, lab, '--name', lab, '--yes']
  const killed = spawnSync(
    join(tools, 'inject'),
    [
      ...['--hit', `${path}.hit`, '--role', 'cli', '--call', call, '--nth', String(nth)],
      ...(file === '' ? [] : ['--object', file.endsWith('.new') ? join(directory, file) : file]),
      ...['--signal', String(constants.signals.SIGKILL), '--to', 'self', '--', process.execPath],
      ...[join(ROOT, 'bin/run.js'), ...words],
    ],
    { encoding: 'utf8', env: { ...process.env, NSLAB_STATE_DIR: stateDirectory } },
  )
  expect(readFileSync(`${path}.hit`, 'utf8'), killed.stderr).not.toBe('')
  const again = nslab(words)
  expect(again, again.stderr).toMatchObject({ status: 0 })
  expect(nslab(['diff', lab, path, '--name', lab])).toMatchObject({ status: 0 })
  expect(nslab(['ls', '--json']).json().labs[0]).not.toHaveProperty('degraded')
  const { keeper, nodes } = JSON.parse(readFileSync(join(stateDirectory, lab, 'state.json'), 'utf8'))
  using session = await openSession(keeper)
  expect(session.list()).toEqual(nodes.map(({ netnsFd }: any) => netnsFd).toSorted((a: number, b: number) => a - b))
  // With the keeper.
  expect(processesOf(lab)).toHaveLength(nodes.length + 1)
  expect(nslab(['ping', `${lab}/h1`, 'new', '-c', '1'])).toMatchObject({ status: 0 })
})
