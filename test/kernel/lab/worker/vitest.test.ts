// Functions in the files of another program's tests, which Vitest has compiled.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { ROOT, test, uniqueName } from '../../../support/lab.js'

const TESTS = `
import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { Lab } from 'LIBRARY'
test('functions', async () => {
  const lab = await Lab.up('{name: NAME, nodes: {h1: {}}}')
  const h1 = lab.node('h1')
  try {
    expect(await h1.run(async () => (await import('./beside.mjs')).word)).toBe('beside')
    expect(await h1.run(async () => (await import('../above.mjs')).word)).toBe('above')
    expect(await h1.run(async (): Promise<string> => (await import('node:os')).hostname())).toBe('h1')
    expect(await h1.run(() => import.meta.url)).toBe(import.meta.url)
    expect(await h1.run(new URL('./beside.mjs', import.meta.url), 3)).toBe(6)
    await expect(h1.run(() => createServer())).rejects.toThrow('an import is not defined; a function that node.run')
    await expect(h1.run(() => import('./none.mjs'))).rejects.toMatchObject({ code: 'ERR_MODULE_NOT_FOUND' })
  } finally {
    await lab.down()
  }
})
`

test('the functions of compiled tests find modules, wherever Vitest was started', ({ stateDirectory }) => {
  // Nodes have a /tmp of their own.
  const root = mkdtempSync('/var/lib/nslab-run-')
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const folder = join(root, 'test')
  mkdirSync(folder)
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  const text = TESTS.replace('LIBRARY', join(ROOT, 'dist/index.js')).replace('NAME', uniqueName('vitest'))
  writeFileSync(join(folder, 'functions.test.ts'), text)
  writeFileSync(join(folder, 'beside.mjs'), 'export const word = "beside"\nexport default (n) => n * 2\n')
  writeFileSync(join(root, 'above.mjs'), 'export const word = "above"\n')
  execFileSync('chmod', ['-R', 'a+rX', root])
  for (const cwd of [root, '/']) {
    const words = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--root', root]
    const { status, stdout, stderr } = spawnSync(process.execPath, words, {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
    })
    expect(status, stdout + stderr).toBe(0)
  }
})
