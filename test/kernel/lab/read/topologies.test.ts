// Every shipped topology: what the kernel has in its nodes is what the plan made, operation by operation, and nothing else.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { kindsFor } from '../../../../src/lab/who/kernel-kinds.js'
import { planLab } from '../../../../src/plan/build.js'
import { ROOT, test, uniqueName } from '../../../support/lab.js'
import { expectLacked } from '../../../support/lacked.js'
import { differences, sysctlsOf } from '../../../support/observed-plan.js'
import { TestUser } from '../../../support/user.js'

const OBSERVE = join(ROOT, 'test/support/observe.mjs')
const files = readdirSync(join(ROOT, 'topologies')).filter((file) => file.endsWith('.yaml'))

/** Whoever is not root observes in the user namespace of the lab's keeper. */
const enter = (keeper: number): string[] => [
  'nsenter',
  '--user',
  '--net',
  '--uts',
  `--target=${keeper}`,
  '--preserve-credentials',
  '--',
]

/** Of the topology in the lab's record: how full the machine's neighbour tables were has decided parts of it. */
async function opsOf(stateDirectory: string, name: string) {
  const { topology } = JSON.parse(readFileSync(join(stateDirectory, name, 'applied.json'), 'utf8'))
  return planLab(topology, await kindsFor(topology))
}

describe.each(files)('%s', (file) => {
  const path = join('topologies', file)

  test('as root', async ({ nslab, stateDirectory }) => {
    const name = uniqueName('read')
    const up = nslab(['up', path, '--name', name])
    if (up.status === 4) return expectLacked(path, up, nslab)
    expect(up, up.stderr).toMatchObject({ status: 0 })
    const ops = await opsOf(stateDirectory, name)
    const { stdout, stderr } = spawnSync(process.execPath, [OBSERVE, name], {
      encoding: 'utf8',
      input: JSON.stringify(sysctlsOf(ops)),
      env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
      maxBuffer: 1 << 28,
    })
    expect(stderr).toBe('')
    expect(differences(ops, JSON.parse(stdout))).toEqual([])
  })

  test('as an ordinary user', async ({ nslab }) => {
    using alice = new TestUser(61_102)
    const name = uniqueName('read')
    const up = alice.nslab(['up', path, '--name', name])
    if (up.status === 4) return expectLacked(path, up, nslab)
    expect(up, up.stderr).toMatchObject({ status: 0 })
    const ops = await opsOf(join(alice.directory, 'labs'), name)
    const { keeper } = alice.nslab(['inspect', name, '--json']).json()
    const observed = alice.run([...enter(keeper.pid), process.execPath, OBSERVE, name], {
      input: JSON.stringify(sysctlsOf(ops)),
      env: { NSLAB_STATE_DIR: join(alice.directory, 'labs') },
      cwd: alice.checkoutPath,
    })
    expect(observed.stderr).toBe('')
    expect(differences(ops, observed.json())).toEqual([])
  })
})
