// Whatever has happened to the directory of a running lab, the lab is shown, keeps its name, and can be taken down.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { cgroupPlace } from '../../../support/cgroups.js'
import { processesOf, ROOT, test, uniqueName } from '../../../support/lab.js'
import { waitUntilGone } from '../../../support/shim.js'

const PAIR = 'nodes: {a: {}, b: {}}\nlinks: [[a, b]]'

/** Names of the cgroups of a lab. */
function cgroupsOf(lab: string): string[] {
  const place = cgroupPlace()
  return place === null ? [] : readdirSync(place).filter((each) => each.startsWith(`nslab.${lab}.`))
}

type Harm = (directory: string) => void

const rewrite =
  (change: (text: string) => string): Harm =>
  (directory) => {
    const path = join(directory, 'state.json')
    writeFileSync(path, change(readFileSync(path, 'utf8')))
  }

const replace =
  (name: string, make: (path: string) => void): Harm =>
  (directory) => {
    rmSync(join(directory, name))
    make(join(directory, name))
  }

const damages: [what: string, harm: Harm][] = [
  ['a state of version 2', rewrite((text) => text.replace('"version":1', '"version":2'))],
  ['a truncated state', rewrite((text) => text.slice(0, text.length / 2))],
  ['an empty state', rewrite(() => '')],
  ['a state of nothing', rewrite(() => 'null')],
  ['a state without a keeper', rewrite((text) => text.replace('"keeper"', '"other"'))],
  ['a state with a node without a PID', rewrite((text) => text.replace(/"name":"a","pid":[0-9]+/, '"name":"a"'))],
  ['a directory as its state', replace('state.json', (path) => mkdirSync(path))],
  ['a symbolic link as its state', replace('state.json', (path) => symlinkSync('/etc/passwd', path))],
  ['a FIFO as its state', replace('state.json', (path) => execFileSync('mkfifo', [path]))],
  [
    'neither lock nor state',
    (directory) => {
      rmSync(join(directory, 'lock'))
      rmSync(join(directory, 'state.json'))
      writeFileSync(join(directory, 'state.json'), '')
    },
  ],
  ['a state too long for a string', (directory) => truncateSync(join(directory, 'state.json'), 3 * 1024 ** 3)],
  ['no directory', (directory) => rmSync(directory, { recursive: true })],
]

test.for(damages)(
  'a running lab with %s is shown as damaged and taken down',
  ([what, harm], { nslab, stateDirectory }) => {
    const name = uniqueName('harm')
    expect(nslab(['up', '-', '--name', name], { input: PAIR }).status).toBe(0)
    const keeper = nslab(['ls', '--json']).json().labs[0].keeper.pid
    harm(join(stateDirectory, name))

    const status = what === 'no directory' ? 'orphaned' : 'damaged'
    const listed = nslab(['ls', '--json'])
    expect(listed.json().labs).toMatchObject([{ name, status, keeper: { pid: keeper } }])
    expect(listed.stderr).toContain(`\`nslab down ${name}\` takes it down`)
    const entered = nslab(['exec', `${name}/a`, '--', 'true'])
    expect(entered).toMatchObject({ status: 125 })
    expect(entered.stderr).toContain(`nslab down ${name}`)
    expect(nslab(['gc']).stderr).toContain(`nslab down ${name}`)
    expect(nslab(['up', '-', '--name', name], { input: PAIR })).toMatchObject({ status: 7 })
    expect(processesOf(name)).toHaveLength(3)

    expect(nslab(['down', name])).toMatchObject({ status: 0, stdout: `lab ${name} is down\n`, stderr: '' })
    expect(processesOf(name)).toEqual([])
    expect(readdirSync(stateDirectory)).toEqual([])
    const names = existsSync('/run/netns') ? readdirSync('/run/netns') : []
    expect(names.filter((each) => each.startsWith(`${name}.`))).toEqual([])
    expect(cgroupsOf(name)).toEqual([])
  },
)

const harmless: [what: string, harm: Harm][] = [
  ['a removed lock', (directory) => rmSync(join(directory, 'lock'))],
  ['another lock file', replace('lock', (path) => writeFileSync(path, ''))],
  ['a directory as its lock', replace('lock', (path) => mkdirSync(path))],
]

test.for(harmless)('a running lab with %s goes on', ([, harm], { nslab, stateDirectory }) => {
  const name = uniqueName('harm')
  expect(nslab(['up', '-', '--name', name], { input: PAIR }).status).toBe(0)
  harm(join(stateDirectory, name))

  expect(nslab(['ls', '--json']).json().labs).toMatchObject([{ name, status: 'running', nodes: 2 }])
  expect(nslab(['exec', `${name}/a`, '--', 'hostname']).stdout).toBe('a\n')
  expect(nslab(['gc'])).toMatchObject({ status: 0, stdout: 'nothing to remove\n' })
  const again = nslab(['up', '-', '--name', name], { input: PAIR })
  expect(again).toMatchObject({ status: 7 })
  expect(again.stderr).toContain(`nslab down ${name}`)

  expect(nslab(['down'])).toMatchObject({ status: 0, stdout: `lab ${name} is down\n` })
  expect(processesOf(name)).toEqual([])
  expect(readdirSync(stateDirectory)).toEqual([])
})

const replaced: [what: string, harm: (directory: string, elsewhere: string) => void][] = [
  [
    'a symbolic link to another directory',
    (directory, elsewhere) => {
      rmSync(directory, { recursive: true })
      symlinkSync(elsewhere, directory)
    },
  ],
  [
    'a symbolic link to where it has been moved',
    (directory, elsewhere) => {
      renameSync(directory, join(elsewhere, 'moved'))
      symlinkSync(join(elsewhere, 'moved'), directory)
    },
  ],
  [
    'a file',
    (directory) => {
      rmSync(directory, { recursive: true })
      writeFileSync(directory, 'mine')
    },
  ],
]

test.for(replaced)(
  'a running lab whose directory is %s is taken down, and the rest stays',
  ([, harm], { nslab, stateDirectory }) => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'nslab-test-'))
    onTestFinished(() => rmSync(elsewhere, { recursive: true }))
    writeFileSync(join(elsewhere, 'notes.txt'), 'mine')
    const name = uniqueName('harm')
    const directory = join(stateDirectory, name)
    expect(nslab(['up', '-', '--name', name], { input: PAIR }).status).toBe(0)
    harm(directory, elsewhere)
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))

    expect(nslab(['ls', '--json']).json().labs).toMatchObject([{ name, status: 'damaged' }])
    expect(nslab(['up', '-', '--name', name], { input: PAIR })).toMatchObject({ status: 7 })
    expect(nslab(['down', name])).toMatchObject({ status: 0 })
    expect(processesOf(name)).toEqual([])
    expect(cgroupsOf(name)).toEqual([])
    expect(readdirSync(elsewhere)).toContain('notes.txt')
    const again = nslab(['up', '-', '--name', name], { input: PAIR })
    expect(again).toMatchObject({ status: 4 })
    expect(again.stderr).toContain(`\`rm -r ${directory}\``)
  },
)

test('a running lab whose directory has been given to another user is taken down once it is given back', ({
  nslab,
  stateDirectory,
}) => {
  const name = uniqueName('harm')
  const directory = join(stateDirectory, name)
  expect(nslab(['up', '-', '--name', name], { input: PAIR }).status).toBe(0)
  chownSync(directory, 65_533, 65_533)
  const refused = nslab(['down', name])
  expect(refused).toMatchObject({ status: 4 })
  expect(refused.stderr).toContain(`\`chown 0 ${directory}\``)
  expect(processesOf(name)).toHaveLength(3)
  chownSync(directory, 0, 0)
  expect(nslab(['down', name])).toMatchObject({ status: 0 })
  expect(processesOf(name)).toEqual([])
})

test('a file of somebody’s in a lab’s directory stays, and the lab goes', ({ nslab, stateDirectory }) => {
  const name = uniqueName('harm')
  const directory = join(stateDirectory, name)
  expect(nslab(['up', '-', '--name', name], { input: PAIR }).status).toBe(0)
  writeFileSync(join(directory, 'notes.txt'), 'mine')
  expect(nslab(['ls', '--json']).json().labs).toMatchObject([{ name, status: 'running' }])

  const down = nslab(['down', name])
  expect(down).toMatchObject({ status: 6 })
  expect(down.stderr).toMatch(/has notes\.txt, not written by nslab\n.*`rm -r /s)
  expect(processesOf(name)).toEqual([])
  expect(readdirSync(directory)).toEqual(['notes.txt'])
  expect(nslab(['ls', '--json']).json().labs).toEqual([])
})

test('a running lab is taken down from another time namespace', ({ nslab, stateDirectory }) => {
  if (!existsSync('/proc/self/ns/time')) return
  const name = uniqueName('time')
  expect(nslab(['up', '-', '--name', name], { input: PAIR }).status).toBe(0)
  const later = (...words: string[]) => {
    const command = ['-T', '--boottime', '1000', '--fork', process.execPath, join(ROOT, 'bin/run.js'), ...words]
    const env = { ...process.env, NSLAB_STATE_DIR: stateDirectory }
    const { status, stdout, stderr } = spawnSync('unshare', command, { encoding: 'utf8', cwd: '/', env })
    return { status, stdout, stderr }
  }
  expect(later('exec', `${name}/a`, '--', 'hostname')).toEqual({ status: 0, stdout: 'a\n', stderr: '' })
  expect(later('ping', `${name}/a`, 'b', '-c', '1')).toMatchObject({ status: 0, stderr: '' })
  expect(later('down', name)).toEqual({ status: 0, stdout: `lab ${name} is down\n`, stderr: '' })
  expect(processesOf(name)).toEqual([])

  expect(later('up', join(ROOT, 'topologies/two-hosts.yaml'), '--name', name).status).toBe(0)
  expect(nslab(['ls', '--json']).json().labs).toMatchObject([{ name, status: 'running' }])
  expect(nslab(['exec', `${name}/h1`, '--', 'hostname']).stdout).toBe('h1\n')
  expect(nslab(['down', name]).status).toBe(0)
  expect(processesOf(name)).toEqual([])
})

const lost: [what: string, harm: (directory: string, other: string) => void][] = [
  [
    'has the state of another lab',
    (directory, other) => cpSync(join(other, 'state.json'), join(directory, 'state.json')),
  ],
  [
    'has been moved, and a symbolic link leads there',
    (directory) => {
      renameSync(directory, `${directory}.moved`)
      symlinkSync(`${directory}.moved`, directory)
    },
  ],
]

test.for(lost)(
  'gc removes the cgroup of a dead lab whose directory %s',
  async ([, harm], { nslab, stateDirectory }) => {
    const [name, other] = [uniqueName('harm'), uniqueName('other')]
    for (const each of [name, other]) expect(nslab(['up', '-', '--name', each], { input: PAIR }).status).toBe(0)
    const { pid } = nslab(['ls', '--json'])
      .json()
      .labs.find((lab: { name: string }) => lab.name === name).keeper
    process.kill(pid, 'SIGKILL')
    await waitUntilGone(pid)
    harm(join(stateDirectory, name), join(stateDirectory, other))
    expect(nslab(['gc']).status).toBe(0)
    expect(cgroupsOf(name)).toEqual([])
    expect(cgroupsOf(other)).toHaveLength(cgroupPlace() === null ? 0 : 1)
    expect(nslab(['exec', `${other}/a`, '--', 'true'])).toMatchObject({ status: 0 })
  },
)
