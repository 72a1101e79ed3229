// The pages of docs/testing: all that they show runs, for root and for an ordinary user. Vitest itself runs the examples that are files.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import type { CliResult } from '../../support/lab.js'
import { makeProgram } from '../../support/program.js'
import { ROOT } from '../../support/root.js'
import { TestUser } from '../../support/user.js'

const read = (file: string) => readFileSync(join(ROOT, 'docs/testing', file), 'utf8')
const blocks = (file: string, language: string): string[] =>
  [...read(file).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    (match) => match[1] as string,
  )
const EXAMPLES = Object.fromEntries(
  readdirSync(join(ROOT, 'docs/testing'))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => [name, read(name)]),
)
const CONFIG = { 'vitest.config.js': 'export default {}\n' }

/** npx takes what is installed, and asks no registry. */
const OFFLINE = { npm_config_offline: 'true', npm_config_update_notifier: 'false' }

/** Runs a line of Bash in the directory of a program that has nslab. */
type Run = (line: string) => CliResult
type Begin = (files: Record<string, string>) => Run

const asRoot: Begin = (files) => {
  const cwd = makeProgram(files)
  return (line) => {
    const env = { ...process.env, ...OFFLINE }
    const { status, stdout, stderr } = spawnSync('bash', ['-eo', 'pipefail', '-c', line], {
      cwd,
      encoding: 'utf8',
      env,
    })
    return { status, stdout, stderr, json: () => JSON.parse(stdout) }
  }
}

const asUser: Begin = (files) => {
  const user = new TestUser(61_225)
  onTestFinished(() => user[Symbol.dispose]())
  const cwd = makeProgram(files, user)
  const env = { ...OFFLINE, NSLAB_STATE_DIR: join(user.directory, 'labs'), HOME: user.directory }
  return (line) => user.run(['bash', '-eo', 'pipefail', '-c', line], { cwd, env })
}

// Each runs test runners of its own, with labs.
describe.each([
  ['root', asRoot],
  ['an ordinary user', asUser],
])('%s', { timeout: 180_000 }, (who, begin) => {
  test('vitest.md: the test passes', () => {
    const [example = ''] = blocks('vitest.md', 'ts')
    const files = who === 'root' ? {} : EXAMPLES
    const run = begin({ ...files, 'office.test.ts': example, ...CONFIG })
    const { status, stdout, stderr } = run('npx vitest run')
    expect(status, stdout + stderr).toBe(0)
    expect(stdout).toContain(`${Object.keys(files).length + 1} passed`)

    const failing = begin({ 'failing.test.ts': example.replace('.not.toReach', '.toReach'), ...CONFIG })(
      'npx vitest run',
    )
    expect(failing.status).toBe(1)
    const ofAnyLab = (text: string) => text.replace(/office-\d+-[0-9a-f]{8}/g, 'office')
    const said = ofAnyLab(stripVTControlCharacters(failing.stderr))
    for (const line of ofAnyLab(blocks('vitest.md', 'text').join('\n')).split('\n')) expect(said).toContain(line)
  })

  test('node-test.md: the tests pass, and the script ends', () => {
    const [tests = '', script = ''] = blocks('node-test.md', 'js')
    const run = begin({ 'shop.test.js': tests, 'tools.js': script })
    const { status, stdout, stderr } = run('node --test')
    expect(status, stdout + stderr).toBe(0)
    expect(stdout).toMatch(/pass 2$/m)
    const tools = run('node tools.js')
    expect(tools.status, tools.stderr).toBe(0)
  })

  test('ci.md: the steps leave a report and logs', () => {
    const { jobs } = parse(blocks('ci.md', 'yaml')[0] ?? '')
    const steps: string[] = jobs.labs.steps.flatMap(({ run = '' }) => (/nslab|reports/.test(run) ? [run] : []))
    expect(steps.filter((step) => step.includes('nslab'))).toHaveLength(2)
    const [example = ''] = blocks('vitest.md', 'ts')
    const pair = 'nodes: { a: {}, b: {} }\nlinks: [[a, b]]\nchecks: [{ ping: a -> b }]\n'
    const broken = 'nodes: { a: {}, b: {} }\nchecks: [{ ping: a -> b }]\n'
    const run = begin({ 'labs/pair.yaml': pair, 'office.test.ts': example, ...CONFIG })
    for (const step of steps) {
      const { status, stdout, stderr } = run(step)
      expect(status, `${step}\n${stdout}${stderr}`).toBe(0)
    }
    expect(run('cat reports/doctor.txt').stdout).toMatch(/^labs can be made here/)
    expect(run('cat reports/checks.xml').stdout).toContain('<testsuite name="labs/pair.yaml"')
    expect(run('cat reports/checks.log').stdout).toContain('labs/pair.yaml: 1 check passed')
    expect(run('cat reports/tests.xml').stdout).toContain('alice reaches the server')

    const failing = steps.find((step) => step.includes('nslab test')) ?? ''
    expect(run(`echo '${broken}' > labs/broken.yaml; ${failing}`).status).toBe(8)
    expect(run('cat reports/checks.log').stdout).toContain('a cannot reach b')
  })
})

/** What Docker gives to root of a container when nothing else is said. */
const OF_CONTAINER =
  'chown,dac_override,fowner,fsetid,kill,setgid,setuid,setpcap,net_bind_service,net_raw,sys_chroot,mknod,audit_write,setfcap'

test('ci.md: root of a container needs the capabilities that it names, each of them', () => {
  const page = read('ci.md')
  const [command = ''] = blocks('ci.md', 'sh')
  const [added, inJob] = [command, blocks('ci.md', 'yaml container')[0] ?? ''].map((text) =>
    [...text.matchAll(/--cap-add (\w+)/g)].map(([, name = '']) => name),
  ) as [string[], string[]]
  expect(added.length).toBeGreaterThan(0)
  expect(inJob).toEqual(added)
  const lines = [...command.matchAll(/^ +((?:mkdir|npx) .*)$/gm)].map(([, line]) => line)
  expect(lines).toHaveLength(3)
  const routed = 'nodes: { a: {}, r: { kind: router }, b: {} }\nlinks: [[a, r], [r, b]]\nchecks: [{ ping: a -> b }]\n'
  const cwd = makeProgram({ 'labs/routed.yaml': routed })
  const outcomeWith = (names: readonly string[]) => {
    const bounding = [...OF_CONTAINER.split(','), ...names.map((name) => name.toLowerCase())].map((name) => `+${name}`)
    const words = ['--bounding-set', `-all,${bounding.join(',')}`, 'bash', '-euo', 'pipefail', '-c', lines.join('\n')]
    return spawnSync('setpriv', words, { cwd, encoding: 'utf8', env: { ...process.env, ...OFFLINE } })
  }
  const { status, stdout, stderr } = outcomeWith(added)
  expect(status, stdout + stderr).toBe(0)
  for (const name of added) {
    const without = outcomeWith(added.filter((each) => each !== name))
    expect(without.status).toBe(4)
    expect(without.stdout).toContain(`root has no CAP_${name}`)
    expect(page).toContain(`| \`--cap-add ${name}\``)
  }
})
