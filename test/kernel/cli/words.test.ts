// What the command line says of wrong usage, and which file it takes when none is named.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished } from 'vitest'
import { ROOT, test, uniqueName } from '../../support/lab.js'

const PAIR = 'nodes: {a: {}, b: {}}\nlinks: [[a, b]]\n'

function directoryWith(files: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), 'nslab-words-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  return directory
}

test.for([
  [['plan'], 'plan needs a topology file, or - for standard input\n'],
  [['up', '--nam', 'x'], 'there is no flag --nam; did you mean --name?\n'],
  [['plan', 'nosuch.yaml'], 'there is no file nosuch.yaml\n'],
  [['plan', '/tmp'], '/tmp is a directory, not a file\n'],
  [['export', ROOT, '-o', '/nonexistent/x'], `${ROOT} is a directory, not a file\n`],
  [
    ['generate', 'leaf-spine'],
    'there is no shape leaf-spine: it is called clos here\nhint: usage: nslab generate clos',
  ],
] as const)('%j', ([args, message], { nslab }) => {
  const { status, stderr } = nslab(args)
  expect(stderr).toContain(`error: ${message}`)
  expect(status).toBe(2)
})

test('down asks for a name where several labs run', ({ nslab }) => {
  for (const name of [uniqueName('words'), uniqueName('words')]) nslab(['up', '-', '--name', name], { input: PAIR })
  const { status, stderr } = nslab(['down'])
  expect(stderr).toMatch(/^error: several labs run: .*\nhint: name the lab: nslab down LAB, or --all/)
  expect(status).toBe(2)
  expect(nslab(['mounts', 'a']).stderr).toMatch(/hint: write LAB\/NODE, such as words-[0-9-]+\/a\n$/)
})

test('a lab and a node of one name: the command asks, and takes both spellings', ({ nslab }) => {
  const lab = uniqueName('words')
  expect(nslab(['up', '-', '--name', lab], { input: `nodes: {${lab}: {}, b: {}}` }).status).toBe(0)
  for (const command of ['pause', 'ps']) {
    const { status, stderr } = nslab([command, lab])
    expect(stderr).toBe(
      `error: ${lab} is a lab, and a node of it\nhint: write ${lab}/ for the lab, ${lab}/${lab} for the node\n`,
    )
    expect(status).toBe(2)
  }
  const nodesOf = (name: string) =>
    nslab(['pause', name, '--json'])
      .json()
      .nodes.map(({ node }: any) => node)
  expect(nodesOf(`${lab}/${lab}`)).toEqual([lab])
  expect(nodesOf(`${lab}/`)).toEqual([lab, 'b'])
})

describe('up without a file', () => {
  test('takes the only topology of the directory, and says which', ({ nslab }) => {
    const cwd = directoryWith({ 'pair.yml': PAIR, 'other.yaml': 'services:\n  x: {image: y}\n', 'notes.txt': 'nodes:' })
    const { status, stderr } = nslab(['up', '--name', uniqueName('words')], { cwd })
    expect(stderr).toBe('nslab: the topology is pair.yml\n')
    expect(status).toBe(0)
  })

  test('prefers nslab.yaml', ({ nslab }) => {
    const cwd = directoryWith({ 'a.yaml': PAIR, 'nslab.yaml': PAIR })
    expect(nslab(['up', '--dry-run'], { cwd })).toMatchObject({
      status: 0,
      stderr: 'nslab: the topology is nslab.yaml\n',
    })
  })

  test('asks where there are several, and where there is none', ({ nslab }) => {
    const several = nslab(['up'], { cwd: directoryWith({ 'a.yaml': PAIR, 'b.yaml': PAIR }) })
    expect(several).toMatchObject({ status: 2 })
    expect(several.stderr).toContain('error: there are several topologies here: a.yaml, b.yaml\n')
    const none = nslab(['up'], { cwd: directoryWith({}) })
    expect(none.stderr).toContain('error: up needs a topology file, or - for standard input\n')
    expect(none.status).toBe(2)
  })
})

test('a file of another tool is called that', ({ nslab }) => {
  const cwd = directoryWith({ 'x.clab.yml': 'name: x\ntopology:\n  nodes:\n    a: {kind: linux}\n' })
  const { status, stderr } = nslab(['up', 'x.clab.yml'], { cwd })
  expect(stderr).toContain('error: x.clab.yml is a containerlab topology, not a topology of nslab\n')
  expect(status).toBe(3)
})

test('standard input has a name in messages', ({ nslab }) => {
  expect(nslab(['validate', '-'], { input: PAIR }).stdout).toBe('<stdin> is valid: lab lab, 2 nodes, 1 link\n')
})

describe('before the command line is loaded', () => {
  const from = (script: string, args: readonly string[], env: NodeJS.ProcessEnv) =>
    spawnSync(
      'unshare',
      ['-m', 'sh', '-c', `${script} && exec "$@"`, 'sh', process.execPath, join(ROOT, 'bin/run.js'), ...args],
      {
        ...{ encoding: 'utf8', input: PAIR, cwd: ROOT },
        env: { ...process.env, NSLAB_ROOTLESS: '1', ...env },
      },
    )

  test.for([[[]], [['--json']]])('a helper that cannot be run is no bug: %j', ([flags], { stateDirectory }) => {
    const broken = directoryWith({ 'nslab-shim': 'not a program' })
    const script = `mount --bind '${broken}' native-shim/build`
    const { status, stdout, stderr } = from(script, ['up', '-', ...(flags ?? [])], { NSLAB_STATE_DIR: stateDirectory })
    const text = flags?.length ? JSON.parse(stdout).error.message : stderr
    expect(text).toMatch(/nslab-shim/)
    expect(`${stdout}${stderr}`).not.toContain('bug in nslab')
    expect([4, 5]).toContain(status)
  })

  test('an old version of Node.js is refused', () => {
    const copy = directoryWith({})
    for (const file of ['run.js', 'node-version.js', 'package.json']) cpSync(join(ROOT, 'bin', file), join(copy, file))
    const old = "Object.defineProperty(process.versions, 'node', { value: '18.20.0' })"
    writeFileSync(join(copy, 'old.cjs'), old)
    const { status, stderr } = spawnSync(process.execPath, ['-r', join(copy, 'old.cjs'), join(copy, 'run.js'), 'ls'], {
      encoding: 'utf8',
    })
    expect(stderr).toMatch(/^nslab needs Node\.js 20\.19 or newer; \S+ is v[0-9.]+\n$/)
    expect(status).toBe(4)
  })
})
