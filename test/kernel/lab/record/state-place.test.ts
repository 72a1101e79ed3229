// Where the state of labs is when nobody says it: a place that the user may write to, and what is told about other places.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { processesOf, test, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

const ALICE = 61_014
const PAIR = 'nodes: {a: {}, b: {}}\nlinks: [[a, b]]'

function alice(): TestUser {
  const user = new TestUser(ALICE)
  onTestFinished(() => user[Symbol.dispose]())
  return user
}

const runAsRoot = (script: string) =>
  spawnSync('unshare', ['-m', 'sh', '-c', script], { encoding: 'utf8', env: { PATH: process.env.PATH } })

// A /run in which root has used nslab, and a /tmp of this test's own.
const MACHINE =
  'mount --make-rprivate / && mount -t tmpfs run /run && mkdir -m 711 /run/nslab && mount -t tmpfs tmp /mnt'

test.each(['', 'XDG_RUNTIME_DIR'])('root below unshare(1) has the labs of its user, beside root’s (%s)', (variable) => {
  const user = alice()
  const runtime = join(user.directory, 'run')
  user.run(['mkdir', '-m', '700', runtime])
  const name = uniqueName('place')
  const nslab = (...args: string[]) => [process.execPath, join(user.checkoutPath, 'bin/run.js'), ...args].join(' ')
  const asUser = `setpriv --reuid ${ALICE} --regid ${ALICE} --clear-groups env ${variable && `${variable}=${runtime}`}`
  const inside = `echo '${PAIR}' | ${nslab('up', '-', '--name', name)} && ${nslab('exec', `${name}/a`, '--', 'hostname')}`
  const script = `
    ${MACHINE} && cd / && ${asUser} unshare -Ur sh -c "${inside}"
    ${asUser} ${nslab('ls')}; ${asUser} ${nslab('exec', `${name}/b`, '--', 'hostname')}; ${asUser} ${nslab('down', name)}`
  const { stdout, stderr } = runAsRoot(script)
  expect(stdout, stderr).toMatch(
    new RegExp(`lab ${name} is up[^]*\na\nLAB[^]*\n${name} +running[^]*\nb\nlab ${name} is down\n$`),
  )
  expect(readdirSync(user.directory)).toEqual(['run'])
})

test('a lab of another runtime directory is named, with the place where it is', () => {
  const user = alice()
  const [one, other] = ['one', 'other'].map((name) => {
    user.run(['mkdir', '-m', '700', join(user.directory, name)])
    return join(user.directory, name)
  }) as [string, string]
  const nslab = (runtime: string, ...args: string[]) =>
    user.run([process.execPath, join(user.checkoutPath, 'bin/run.js'), ...args], {
      env: { XDG_RUNTIME_DIR: runtime },
      input: PAIR,
    })
  const name = uniqueName('place')
  expect(nslab(one, 'ls').stdout).toContain(`no labs in ${one}/nslab`)
  expect(nslab(one, 'up', '-', '--name', name).status).toBe(0)
  onTestFinished(() => void nslab(one, 'down', name))
  const told = `lab ${name} runs, with its state in ${one}/nslab: set NSLAB_STATE_DIR to that`
  expect(nslab(other, 'ls')).toMatchObject({ stdout: expect.stringContaining(`no labs in ${other}/nslab`), status: 0 })
  expect(nslab(other, 'ls').stderr).toContain(told)
  for (const command of [
    ['down', name],
    ['inspect', name],
    ['exec', `${name}/a`, 'true'],
  ])
    expect(nslab(other, ...command).stderr).toContain(`hint: ${told}`)
  expect(nslab(other, 'down', 'nope').stderr).toContain(`nslab looked in ${other}/nslab`)
})

test('a lab that is not there is looked for in the state directory alone that is given', ({
  nslab,
  stateDirectory,
}) => {
  mkdirSync(join(stateDirectory, 'more'))
  const { status, stderr } = nslab(['inspect', 'nope'])
  expect({ status, stderr }).toEqual({
    status: 7,
    stderr: `error: no lab named nope is running\nhint: start one with \`nslab up FILE\`; nslab looked in ${stateDirectory}\n`,
  })
})

test('a lab is taken down from another user namespace of its user than the one it was made in', () => {
  const user = alice()
  const name = uniqueName('place')
  const unshared = (...args: string[]) =>
    user.run(['unshare', '-Ur', process.execPath, join(user.checkoutPath, 'bin/run.js'), ...args], {
      env: { NSLAB_STATE_DIR: join(user.directory, 'labs') },
      input: PAIR,
    })
  expect(unshared('up', '-', '--name', name)).toMatchObject({ status: 0 })
  expect(unshared('down', name)).toMatchObject({ status: 0, stdout: `lab ${name} is down\n` })
  expect(processesOf(name)).toEqual([])
})
