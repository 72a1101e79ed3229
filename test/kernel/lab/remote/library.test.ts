// The library in a process that stays what it is: the same tests, with Node.js's test runner, for root and for an ordinary user.
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { ROOT, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

/** Ids that no user, process or file of the machine has. */
const ALICE = 61_235

test.for([
  { who: 'root', uid: 0, more: {} },
  { who: 'root with NSLAB_ROOTLESS', uid: 0, more: { NSLAB_ROOTLESS: '1' } },
  { who: 'an ordinary user', uid: ALICE, more: {} },
])('node --test passes for $who', ({ uid, more }) => {
  const directory = mkdtempSync(join(tmpdir(), 'nslab-node-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  chmodSync(directory, 0o755)
  cpSync(join(ROOT, 'test/support/library.node-test.mjs'), join(directory, 'library.test.mjs'))
  using user = new TestUser(uid)
  const { status, stdout } = user.run([process.execPath, '--test'], {
    cwd: directory,
    env: {
      NSLAB_LIBRARY: pathToFileURL(join(user.checkoutPath, 'dist/index.js')).href,
      NSLAB_STATE_DIR: join(user.directory, 'labs'),
      NSLAB_TEST_LABS: uniqueName('node'),
      ...more,
    },
  })
  expect(status, stdout).toBe(0)
  expect(stdout).toMatch(/^. fail 0$/m)
})
