// A program of somebody else that has nslab and Vitest among its packages.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ROOT } from './root.js'
import type { TestUser } from './user.js'

/**
 * Makes the directory of a program, which goes with the test.
 *
 * @param files path → text
 * @param user the owner; root by default
 */
export function makeProgram(files: Record<string, string>, user: TestUser | null = null): string {
  const directory = mkdtempSync(join(user?.directory ?? tmpdir(), 'nslab-program-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  chmodSync(directory, 0o755)
  const checkout = user?.checkoutPath ?? ROOT
  const links = {
    nslab: checkout,
    vitest: join(checkout, 'node_modules/vitest'),
  }
  mkdirSync(join(directory, 'node_modules/.bin'), { recursive: true })
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(directory, 'node_modules', name))
  const commands = { nslab: 'bin/run.js', vitest: 'node_modules/vitest/vitest.mjs' }
  for (const [name, script] of Object.entries(commands)) {
    const line = `exec ${JSON.stringify(process.execPath)} ${JSON.stringify(join(checkout, script))} "$@"`
    writeFileSync(join(directory, 'node_modules/.bin', name), `#!/bin/sh\n${line}\n`, { mode: 0o755 })
  }
  for (const [path, text] of Object.entries({ 'package.json': '{ "type": "module" }\n', ...files })) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  if (user) execFileSync('chown', ['-Rh', `${user.uid}:${user.gid}`, directory])
  return directory
}
