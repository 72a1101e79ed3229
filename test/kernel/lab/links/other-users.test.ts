// Root and the links of another user's lab, whose state that user may replace at any time.
import { chownSync, existsSync, lchownSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { test, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

const USER = 61_341

test('root changes no links of another user’s lab, and writes nowhere', ({ nslab, stateDirectory }) => {
  const user = new TestUser(USER)
  onTestFinished(() => user[Symbol.dispose]())
  const labs = `/tmp/nslab-${USER}`
  const env = { NSLAB_STATE_DIR: labs }
  onTestFinished(() => {
    user.nslab(['down', '--all'], { env })
    rmSync(labs, { recursive: true, force: true })
  })
  const name = uniqueName('theirs')
  const input = 'nodes: {a: {}, b: {}}\nlinks: [{endpoints: [a, b], emulation: wire, delay: 1ms}]'
  expect(user.nslab(['up', '-', '--name', name], { input, env })).toMatchObject({ status: 0 })

  const target = join(stateDirectory, 'roots')
  const trap = join(labs, name, 'state.json.new')
  symlinkSync(target, trap)
  lchownSync(trap, USER, USER)
  for (const words of [
    ['link', 'down', `${USER}:${name}/a:eth0`],
    ['link', 'up', `${USER}:${name}/a:eth0`],
    ['link', 'flap', `${USER}:${name}/a:eth0`, '--for', '1s'],
    ['link', 'set', `${USER}:${name}/a:eth0`, 'delay=2ms'],
  ])
    expect(nslab(words), words.join(' ')).toMatchObject({
      status: 4,
      stderr: expect.stringMatching(new RegExp(`only its owner, user ${USER},[^]*sudo -u '#${USER}'`)),
    })
  expect(existsSync(target)).toBe(false)
  expect(nslab(['link', 'ls', `${USER}:${name}`])).toMatchObject({ status: 0, stdout: expect.stringContaining(' up ') })
  expect(nslab(['pause', `${USER}:${name}`])).toMatchObject({ status: 0 })
  expect(nslab(['resume', `${USER}:${name}`])).toMatchObject({ status: 0 })
})

test('what a state has of routes must be what the kernel may have said', ({ nslab, stateDirectory }) => {
  const name = uniqueName('short')
  expect(nslab(['up', '-', '--name', name], { input: 'nodes: {a: {}, b: {}}\nlinks: [[a, b]]' }).status).toBe(0)
  const path = join(stateDirectory, name, 'state.json')
  const whole = JSON.parse(readFileSync(path, 'utf8'))
  for (const body of ['', 'AA==', '?!', 'AAAAAAAAAAA=']) {
    const down = [{ endpoint: 'a:eth0', nexthops: [], routes: [body], neighbours: [] }]
    writeFileSync(path, JSON.stringify({ ...whole, down }))
    chownSync(path, 0, 0)
    expect(nslab(['link', 'up', `${name}/a:eth0`]), body).toMatchObject({
      status: expect.not.toBeOneOf([0, 1]),
      stderr: expect.stringContaining(`nslab down ${name}`),
    })
  }
  expect(nslab(['down', name])).toMatchObject({ status: 0 })
})
