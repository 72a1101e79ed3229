// The commands and topologies of pages that are not run elsewhere.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { test as base, ROOT } from '../../support/lab.js'

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const blocks = (file: string, language: string): string[] =>
  [...read(file).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    (match) => match[1] as string,
  )

interface Outcome {
  status: number | null
  stdout: string
  stderr: string
  /** Where the script has run. */
  cwd: string
}

/** Runs a script of Bash with `nslab`, in a directory with these files, and labs of the test alone. */
type Run = (script: string, files?: Record<string, string>) => Outcome

const test = base.extend<{ run: Run }>({
  run: async ({ stateDirectory }, use) => {
    const nslab = `nslab() { ${JSON.stringify(process.execPath)} ${join(ROOT, 'bin/run.js')} "$@"; }`
    const env = { ...process.env, NSLAB_STATE_DIR: stateDirectory }
    await use((script, files = {}) => {
      const cwd = mkdtempSync(join(tmpdir(), 'nslab-docs-'))
      onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
      for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
      const options = { cwd, env, encoding: 'utf8' } as const
      const { status, stdout, stderr } = spawnSync('bash', ['-c', `${nslab}\n${script}`], options)
      return { status, stdout, stderr, cwd }
    })
  },
})

test('README.md: links that behave like real ones', ({ run }) => {
  const [, topology = ''] = blocks('README.md', 'yaml')
  const { status, stdout, stderr } = run('nslab up links.yaml && nslab link set phone:eth0 loss=5% && nslab link ls', {
    'links.yaml': topology,
  })
  expect(status, stderr).toBe(0)
  expect(stdout).toMatch(/phone:eth0.*loss/)
})

test('docs/changing.md: the commands change a lab', ({ nslab, run }) => {
  const [script = ''] = blocks('docs/changing.md', 'sh')
  const { stdout, stderr } = run(`EDITOR='sh edit'\n${script}`, {
    'lab.yaml': 'nodes: { a: {}, b: {} }\nlinks: [[a, b]]\n',
    edit: 'sed -i "s/b: {}/b: {}, c: {}/" "$1"',
  })
  expect(stdout + stderr).toMatch(/\+ node {2,}c: host/)
  expect(nslab(['ls', '--json']).json().labs[0]).toMatchObject({ nodes: 3 })
})

test('docs/editing.md: the commands change a lab without its file', ({ nslab, run }) => {
  const [script = ''] = blocks('docs/editing.md', 'sh')
  const lab =
    'nodes: { h1: {}, h2: {}, r1: { kind: router }, s1: { kind: switch } }\nlinks: [[h1, r1], [h2, r1], [r1, s1]]\n'
  const { status, stderr } = run(`set -e\nnslab up lab.yaml\n${script}`, { 'lab.yaml': lab })
  expect(status, stderr).toBe(0)
  const { nodes } = nslab(['inspect', '--json']).json()
  expect(nodes.map(({ name }: { name: string }) => name)).toEqual(['r1', 's1', 'h9'])
})

test('docs/links.md: the commands change links live', ({ run }) => {
  const [script = ''] = blocks('docs/links.md', 'sh')
  const lab = `
nodes: { h1: {}, r1: { kind: router }, lan1: { kind: switch }, a: {}, b: {} }
links: [[h1, r1], [a, lan1], [b, lan1], [r1, lan1]]
`
  const short = script.replace('--every 2s --down 500ms --for 30s', '--every 200ms --down 50ms --for 500ms')
  const { status, stderr } = run(`set -e\nnslab up lab.yaml\n${short}`, { 'lab.yaml': lab })
  expect(status, stderr).toBe(0)
})

test('docs/contents.md: files to which commands are redirected', ({ run }) => {
  const [script = ''] = blocks('docs/contents.md', 'sh')
  const [first = '', ...others] = script.trimEnd().split('\n')
  const begun = run(`nslab up lab.yaml\numask 077\n${first}`, { 'lab.yaml': 'nodes: { a: {} }\n' })
  expect(begun.stderr).toContain('Permission denied')
  for (const line of others) expect(run(`${line}; cat file`).stdout, line).toBe('text\n')
})

test('docs/checks.md: the checks are accepted, and the commands run', ({ nslab, run }) => {
  const [checks = ''] = blocks('docs/checks.md', 'yaml')
  const nodes = ['h1', 'h2', 'h3', 'leaf1', 'leaf2'].map((name) => `${name}: {}`).join(', ')
  const links = '[[h1, r1], [r1, r3], [r3, h2], [r1, r2], [h3, r2], [leaf1, r2], [leaf2, r2]]'
  const routers = 'r1: { kind: router }, r2: { kind: router }, r3: { kind: router }'
  const topology = `nodes: { ${nodes}, ${routers} }\nlinks: ${links}\n${checks}`
  const { status, stderr } = nslab(['validate', '-'], { input: topology })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })

  const commands = [...read('docs/checks.md').matchAll(/^ {4}(nslab test .*)$/gm)].map(([, line = '']) => line)
  expect(commands).toHaveLength(2)
  const [one = '', all = ''] = commands
  expect(run(one.replace('topologies/', `${ROOT}topologies/`)).status).toBe(0)
  const { status: ofAll, cwd } = run(all.replace('topologies/', '.'), { 'pair.yaml': 'nodes: { a: {} }\n' })
  expect(ofAll).toBe(0)
  expect(existsSync(join(cwd, 'report.xml'))).toBe(true)
})

test('docs/why.md: it says what the page shows', ({ nslab }) => {
  const [shown = ''] = blocks('docs/why.md', '')
  expect(nslab(['up', 'topologies/two-routers.yaml']).status).toBe(0)
  expect(nslab(['exec', 'r2', '--', 'ip', 'route', 'del', '10.0.0.0/31']).status).toBe(0)
  const { status, stdout } = nslab(['why', 'h1', 'h2'])
  expect(status).toBe(8)
  expect(stdout.endsWith(shown), stdout).toBe(true)
  const [, command = ''] = /^mend it with: nslab (.*)$/m.exec(shown) ?? []
  expect(nslab(command.split(' ')).status).toBe(0)
  expect(nslab(['why', 'h1', 'h2']).status).toBe(0)
})
