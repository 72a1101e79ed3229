// The installed command starts from one bundled file, with the code cache that V8 made when it was built.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../../support/lab.js'

test.each(['main', 'rootless'])('V8 takes what it has compiled of %s', (program) => {
  const load = `require(${JSON.stringify(join(ROOT, 'bin/load.js'))}).load('${program}').script.cachedDataRejected`
  expect(execFileSync(process.execPath, ['-p', load], { encoding: 'utf8' })).toBe('false\n')
})
