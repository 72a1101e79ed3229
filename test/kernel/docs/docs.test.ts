// Every example in the README and in docs runs.
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { ROOT, test, uniqueName } from '../../support/lab.js'
import { ScriptLab } from '../../support/script-lab.mjs'

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const blocks = (file: string, language: string) =>
  [...read(file).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    (match) => match[1] as string,
  )

test("the README's topology comes up and every host reaches every other", ({ nslab }) => {
  const [topology] = blocks('README.md', 'yaml')
  const name = uniqueName('readme')
  expect(nslab(['up', '-', '--name', name], { input: topology as string })).toMatchObject({ status: 0 })
  expect(nslab(['ping', '--all', '-4'])).toMatchObject({ status: 0 })
  expect(nslab(['ping', '--all', '-6'])).toMatchObject({ status: 0 })
  expect(nslab(['export', '--table', 'addresses', '--format', 'csv']).stdout).toMatch(
    /alice,eth0,4,10\.[0-9.]+\/24,global/,
  )
})

test("the README's session is what the program says", ({ nslab }) => {
  expect(nslab(['up', 'topologies/two-routers.yaml']).stdout).toMatch(
    /^lab two-routers is up: 4 nodes, 3 links in \d+ ms/,
  )
  expect(nslab(['ping', 'h1', 'h2', '-c', '1']).stdout).toMatch(
    /^reply from 10\.0\.0\.5: icmp_seq=1 ttl=62 time=[\d.]+ ms$/m,
  )
  expect(nslab(['exec', 'r1', '--', 'ip', 'route']).stdout).toContain('10.0.0.0/31 dev eth0 proto kernel scope link')
  expect(nslab(['down']).stdout).toBe('lab two-routers is down\n')
})

test.each(['README.md', 'docs/library.md', 'docs/changing.md', 'docs/pictures.md'])(
  'the scripts in %s run',
  async (file) => {
    for (const script of [...blocks(file, 'js'), ...(file === 'docs/library.md' ? [read('docs/example.mjs')] : [])]) {
      const runnable = script
        .replace("'nslab'", JSON.stringify(join(ROOT, 'dist/index.js')))
        .replace("'nslab/user-namespace'", JSON.stringify(join(ROOT, 'dist/user-namespace.js')))
      const stdout = execFileSync(process.execPath, ['--input-type=module', '-e', runnable], { encoding: 'utf8' })
      expect(stdout).toMatch(/^0$|lost 0 %|^open\nSIGTERM$|^welcome$/m)
    }
  },
)

test('docs/changing.md: a change is shown as it says', ({ nslab }) => {
  const name = uniqueName('changing')
  const before = 'nodes: { h1: {}, r1: { kind: router } }\nlinks: [[h1, r1]]'
  const after =
    'nodes: { h1: {}, h3: {}, r1: { kind: router, hostname: core, routes: [{ to: 198.51.100.0/24, via: h1 }] } }\nlinks: [[h1, r1]]'
  expect(nslab(['up', '-', '--name', name], { input: before })).toMatchObject({ status: 0 })
  nslab(['exec', 'r1', '--', 'ip', 'route', 'add', '203.0.113.0/24', 'dev', 'eth0'])
  const squeezed = (text: string) => text.split('\n').map((line) => line.trim().replace(/\s+/g, ' '))
  const { stdout } = nslab(['apply', '-', name, '--name', name, '--dry-run'], { input: after })
  const [shown = ''] = blocks('docs/changing.md', 'text')
  expect(squeezed(stdout)).toEqual(expect.arrayContaining(squeezed(shown.trim())))
})

test.for(['topology', 'interfaces', 'routes', 'contents', 'scenarios'])(
  'every example of docs/%s.md is accepted',
  (page, { nslab }) => {
    const topologies = blocks(`docs/${page}.md`, 'yaml')
    expect(topologies.length).toBeGreaterThan(0)
    for (const topology of topologies) {
      const { status, stderr } = nslab(['validate', '-'], { input: topology })
      expect({ status, stderr }, topology).toEqual({ status: 0, stderr: '' })
    }
  },
)

test('docs/scenarios.md: the scenarios run, and print what it shows', ({ nslab, stateDirectory }) => {
  const file = join(stateDirectory, '..', `${uniqueName('scenario')}.yaml`)
  onTestFinished(() => rmSync(file, { force: true }))
  const scenarios = blocks('docs/scenarios.md', 'yaml scenario')
  const [session] = blocks('docs/scenarios.md', 'console') as [string]
  const timeless = (text: string) =>
    text.replace(/^ *[\d.]+ s /gm, '').replace(/ \(\d+ ms late\)|, \d+ steps? late|, at attempt \d+/g, '')
  expect(nslab(['up', 'topologies/wan-sites.yaml']).status).toBe(0)
  for (const [index, text] of scenarios.entries()) {
    writeFileSync(file, text)
    const { status, stdout, stderr } = nslab(['run', file])
    expect({ status, stderr }, stdout).toEqual({ status: 0, stderr: '' })
    if (index === 0) expect(timeless(session).endsWith(timeless(stdout)), stdout).toBe(true)
  }

  const [example] = blocks('docs/scenarios.md', 'json') as [string]
  const lines = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  const [set, exec, expected] = [
    'set: { "gw-nyc:wan": { delay: 50ms } }',
    'exec: { node: pc-ber, command: "id -u" }',
    'expect: { from: pc-ber, to: pc-nyc }',
  ]
  writeFileSync(file, `steps:\n${[set, exec, expected].map((step) => `  - { at: 100ms, ${step} }\n`).join('')}`)
  const keys = (documents: object[]) => new Map(documents.map((each: any) => [each.event, Object.keys(each).sort()]))
  expect(keys(lines(nslab(['run', file, '--json']).stdout))).toEqual(keys(lines(example)))
})

test('docs/doctor.md: the commands run, and it lists the checks that there are', ({ nslab }) => {
  const [script] = blocks('docs/doctor.md', 'sh')
  const command = `nslab() { ${JSON.stringify(process.execPath)} ${join(ROOT, 'bin/run.js')} "$@"; }`
  const output = execFileSync('bash', ['-c', `set -e; ${command}\n${script}`], { encoding: 'utf8' })
  expect(output).toMatch(/^labs can be made here/)

  const document = nslab(['doctor', '--json']).json()
  const [example] = blocks('docs/doctor.md', 'json').map((text) => JSON.parse(text))
  expect(Object.keys(document)).toEqual(Object.keys(example))
  expect(Object.keys(document.nodes)).toEqual(Object.keys(example.nodes))
  for (const check of document.checks) expect(Object.keys(check)).toEqual(Object.keys(example.checks[0]))

  const listed = [...read('docs/doctor.md').matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] as string)
  const isListed = (name: string) => (row: string) => new RegExp(`^${row.replace(/[A-Z]+$/, '.+')}$`).test(name)
  const names: string[] = document.checks.map(({ name }: { name: string }) => name)
  expect(names.filter((name) => !listed.some(isListed(name)))).toEqual([])
  expect(listed.filter((row) => !names.some((name) => isListed(name)(row)))).toEqual([])
})

test('docs/plan.md: the plan is what it shows, and its script comes and goes', async ({ stateDirectory }) => {
  const nslab = `nslab() { (cd ${ROOT} && ${JSON.stringify(process.execPath)} bin/run.js "$@"); }`
  const [session] = blocks('docs/plan.md', 'console') as [string]
  const [, command, shown] = /^\$ (.*)\n([\s\S]*)$/.exec(session) as unknown as [string, string, string]
  expect(execFileSync('sh', ['-c', `${nslab}\n${command}`], { encoding: 'utf8' })).toBe(shown)

  const [script] = blocks('docs/plan.md', 'sh') as [string]
  const made = await ScriptLab.run(':')
  try {
    const said = made.exec('sh', '-ec', `cd ${stateDirectory}\n${nslab}\n${script}\nip netns`)
    expect(said).toMatch(/^10\.0\.0\.1 dev eth0 src 10\.0\.0\.0 uid 0 *\n *cache *\n$/)
  } finally {
    await made.close()
  }
})

test('docs/reachability.md: the commands print what it shows', ({ nslab }) => {
  const timeless = (text: string) => text.replace(/[\d.]+ ms/g, 'ms')
  const run = (session: string) => {
    for (const [, command = '', shown = ''] of session.matchAll(/^\$ nslab (.*)\n((?:[^$].*\n)*)/gm))
      expect(timeless(nslab(command.split(' ')).stdout), command).toBe(timeless(shown))
  }
  const [mesh = '', ...sessions] = blocks('docs/reachability.md', 'console')
  expect(nslab(['up', '-'], { input: nslab(['generate', 'star', '100']).stdout })).toMatchObject({ status: 0 })
  run(mesh)
  expect(nslab(['down', 'star'])).toMatchObject({ status: 0 })
  expect(nslab(['up', 'topologies/two-routers.yaml'])).toMatchObject({ status: 0 })
  sessions.forEach(run)
})
