// The package as npm publishes it and another program installs it: without the source, a build or the checkout.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ROOT, uniqueName } from '../support/lab.js'
import { TestUser } from '../support/user.js'

/** Ids that no user, process or file of the machine has. */
const ALICE = 61_061

const LIBRARY = `
import { Lab } from 'nslab'
const lab = await Lab.up('name: NAME\\nnodes: {a: {}, b: {}}\\nlinks: [[a, b]]\\n')
const { received } = await lab.node('a').ping('b', { count: 1 })
await lab.node('b').run((count) => console.log(count), received)
await lab.down()
`
const NODE_TEST = `
import { test } from 'node:test'
import assert from 'node:assert'
import { Lab } from 'nslab'
test('pings', async () => {
  const lab = await Lab.up('name: NAME\\nnodes: {a: {}, b: {}}\\nlinks: [[a, b]]\\n')
  assert.equal((await lab.node('a').ping('b', { count: 1 })).received, 1)
  await lab.down()
})
`
const VITEST = `
import { expect, test } from 'vitest'
import { Lab } from 'nslab'
test('pings', async () => {
  const lab = await Lab.up('name: NAME\\nnodes: {a: {}, b: {}}\\nlinks: [[a, b]]\\n')
  expect((await lab.node('a').ping('b', { count: 1 })).received).toBe(1)
  expect((await lab.inspect()).nodes).toHaveLength(2)
  await lab.down()
})
`
const VITEST_LAB = `
import { expect } from 'vitest'
import { labTest } from 'nslab/vitest'
const test = labTest('name: NAME\\nnodes: {a: {}, b: {}}\\nlinks: [[a, b]]\\n', { scope: 'file' })
test('reaches', async ({ node }) => {
  await expect(node('a')).toReach('b')
  await expect(node('a')).not.toReachOverTcp('b', 80)
  await expect(node('a')).toHaveAddress('10.0.0.0/31')
})
`
const VITEST_CONFIG = `
export default { test: { include: ['*.vitest.mjs'] } }
`

/** The paths of all files of the package. */
function packaged(): string[] {
  const pack = ['pack', '--dry-run', '--ignore-scripts', '--json']
  const [{ files }] = JSON.parse(execFileSync('npm', pack, { cwd: ROOT, encoding: 'utf8' }))
  return files.map(({ path }: { path: string }) => path)
}

/** A directory of a program that has installed the package. */
function installed(): { directory: string; home: string; paths: string[] } {
  const directory = mkdtempSync(join(tmpdir(), 'nslab-package-'))
  chmodSync(directory, 0o755)
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  execFileSync('make', ['--silent', '-C', join(ROOT, 'native-shim'), 'prebuilt-here'], { stdio: 'pipe' })
  const modules = join(directory, 'node_modules')
  const home = join(modules, 'nslab')
  const paths = packaged()
  for (const path of paths) {
    mkdirSync(dirname(join(home, path)), { recursive: true })
    cpSync(join(ROOT, path), join(home, path))
  }
  // Where other users may read it.
  cpSync(join(ROOT, 'node_modules'), join(home, 'node_modules'), { recursive: true, verbatimSymlinks: true })
  // npm packs files that everybody may read, whatever the checkout's modes are.
  execFileSync('chmod', ['-R', 'a+rX', home])
  symlinkSync(join(home, 'node_modules/vitest'), join(modules, 'vitest'))
  // Vitest writes its bundled configuration there.
  chownSync(modules, ALICE, ALICE)
  return { directory, home, paths }
}

test('the package has all that the command and the library need, for root and for others', { timeout: 180_000 }, () => {
  const { directory, home, paths } = installed()
  // Only for this machine's processor.
  expect(paths.filter((path) => path.startsWith('native-shim/build'))).toEqual([])
  const name = uniqueName('pack')
  const files = {
    'program.mjs': LIBRARY,
    'rootless.mjs': `import 'nslab/user-namespace'${LIBRARY}`,
    'node.test.mjs': NODE_TEST,
    'pings.vitest.mjs': VITEST,
    'reaches.vitest.mjs': VITEST_LAB,
    'vitest.config.mjs': VITEST_CONFIG,
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text.replace('NAME', name))
  using alice = new TestUser(ALICE)
  const env = { NSLAB_STATE_DIR: join(alice.directory, 'labs'), HOME: alice.directory }
  const run = (...words: string[]) => alice.run([process.execPath, ...words], { cwd: directory, env })

  const nslab = join(home, 'bin/run.js')
  expect(run(nslab, 'up', join(home, 'topologies/two-hosts.yaml'), '--name', name)).toMatchObject({ status: 0 })
  expect(run(nslab, 'down', name)).toMatchObject({ status: 0, stderr: '' })
  expect(run(nslab, '--version').stdout).toContain('nslab/')

  expect(run('program.mjs')).toMatchObject({ status: 0, stdout: '1\n' })
  expect(run('rootless.mjs')).toMatchObject({ status: 0, stdout: '1\n' })
  expect(run('--import', 'nslab/user-namespace', 'program.mjs')).toMatchObject({ status: 0, stdout: '1\n' })
  for (const first of [[], ['--import', 'nslab/user-namespace']]) {
    const tested = run(...first, '--test', 'node.test.mjs')
    expect(tested.status, tested.stdout).toBe(0)
  }
  for (const pool of ['threads', 'forks']) {
    const { status, stdout, stderr } = run(join(directory, 'node_modules/vitest/vitest.mjs'), 'run', '--pool', pool)
    expect(status, stdout + stderr).toBe(0)
  }

  const asRoot = execFileSync(process.execPath, ['rootless.mjs'], {
    cwd: directory,
    encoding: 'utf8',
    env: { ...process.env, NSLAB_STATE_DIR: join(directory, 'labs') },
  })
  expect(asRoot).toBe('1\n')
})

test('a topology with faults, and an error that nobody catches, tells each fault in lines that can be read', () => {
  const { directory } = installed()
  const program = "import { Lab } from 'nslab'\nawait Lab.up('name: x\\nnodes: {a: {kind: rooter}}\\n')\n"
  writeFileSync(join(directory, 'faulty.mjs'), program)
  using alice = new TestUser(ALICE)
  const { status, stderr } = alice.run([process.execPath, 'faulty.mjs'], { cwd: directory })
  expect(status).toBe(1)
  expect(stderr).toContain(
    'LabError: the topology has a fault\n    2:19: there is no kind rooter; did you mean router?',
  )
  // Not the one line that a minified program is.
  expect(Math.max(...stderr.split('\n').map((line) => line.length))).toBeLessThan(500)
})

test('whatever the README and docs link to is in the package', () => {
  const paths = new Set(packaged())
  const pages = [...paths].filter((path) => path.endsWith('.md') && (path === 'README.md' || path.startsWith('docs/')))
  expect(pages.length).toBeGreaterThan(5)
  const isPackaged = (path: string) => paths.has(path) || [...paths].some((each) => each.startsWith(`${path}/`))
  const missing = pages.flatMap((page) =>
    [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
      .map(([, link]) => normalize(join(dirname(page), link as string)).replace(/\/$/, ''))
      .filter((path) => !isPackaged(path))
      .map((path) => `${page}: ${path}${existsSync(join(ROOT, path)) ? '' : ', which does not exist'}`),
  )
  expect(missing).toEqual([])
})
