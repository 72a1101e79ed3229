// The package as npm publishes it and another program installs it: without the source, a build or the checkout.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { ROOT, test, uniqueName } from '../support/lab.js'

const LIBRARY = `
import { Lab } from 'nslab'
const lab = await Lab.up('name: NAME\\nnodes: {a: {}, b: {}}\\nlinks: [[a, b]]\\n')
console.log((await lab.node('a').ping('b', { count: 1 })).received)
await lab.down()
`

test('the package has all that the command and the library need', ({ stateDirectory }) => {
  const directory = mkdtempSync(join(tmpdir(), 'nslab-package-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const shim = `prebuilt/linux-${process.arch}/nslab-shim`
  execFileSync('make', ['--silent', '-C', join(ROOT, 'native-shim'), 'CC=cc', shim])
  const modules = join(directory, 'node_modules')
  const home = join(modules, 'nslab')
  const pack = ['pack', '--dry-run', '--ignore-scripts', '--json']
  const [{ files }] = JSON.parse(execFileSync('npm', pack, { cwd: ROOT, encoding: 'utf8' }))
  const paths: string[] = files.map(({ path }: { path: string }) => path)
  // Only for this machine's processor.
  expect(paths.filter((path) => path.startsWith('native-shim/build'))).toEqual([])
  for (const path of paths) {
    mkdirSync(dirname(join(home, path)), { recursive: true })
    cpSync(join(ROOT, path), join(home, path))
  }
  symlinkSync(join(ROOT, 'node_modules'), join(home, 'node_modules'))

  const run = (...words: string[]) =>
    spawnSync(process.execPath, words, {
      cwd: directory,
      encoding: 'utf8',
      env: { ...process.env, NSLAB_STATE_DIR: stateDirectory },
    })
  const name = uniqueName('pack')
  const nslab = join(home, 'bin/run.js')
  expect(run(nslab, 'up', join(home, 'topologies/two-hosts.yaml'), '--name', name)).toMatchObject({ status: 0 })
  expect(run(nslab, 'down', name)).toMatchObject({ status: 0, stderr: '' })
  expect(run(nslab, '--version').stdout).toContain('nslab/')
  writeFileSync(join(directory, 'program.mjs'), LIBRARY.replace('NAME', name))
  expect(run('program.mjs')).toMatchObject({ status: 0, stdout: '1\n', stderr: '' })
})
