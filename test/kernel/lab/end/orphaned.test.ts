// A lab whose directory was removed still runs: it is found by its keeper, and can be taken down.
import { execFileSync } from 'node:child_process'
import { readdirSync, readlinkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished } from 'vitest'
import { type Cli, processesOf, test, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

const text = (name: string) => `{name: ${name}, nodes: {a: {exec: ['sleep 1000 &']}, b: {}}, links: [[a, b]]}`

/** The network namespaces of all processes, as only root sees them all. */
const namespaces = (): Set<string> =>
  new Set(
    readdirSync('/proc')
      .filter((name) => /^[0-9]+$/.test(name))
      .flatMap((pid) => {
        try {
          return [readlinkSync(`/proc/${pid}/ns/net`)]
        } catch {
          return []
        }
      }),
  )

const namespacesOf = (pids: readonly number[]) => pids.map((pid) => readlinkSync(`/proc/${pid}/ns/net`))

/** nslab, and the directory of its labs. */
interface Caller {
  nslab: Cli
  place: string
}

describe.for<[string, boolean]>([
  ['root', false],
  ['an ordinary user', true],
])('for %s', ([, isOrdinary]) => {
  function callerOf(nslab: Cli, stateDirectory: string): Caller {
    if (!isOrdinary) return { nslab, place: stateDirectory }
    const user = new TestUser(61_104)
    onTestFinished(() => user[Symbol.dispose]())
    return { nslab: user.nslab.bind(user), place: join(user.directory, 'labs') }
  }

  test.for<[string, (name: string) => string[]]>([
    ['by its name', (name) => [name]],
    ['with all others', () => ['--all']],
  ])(
    'a lab whose directory was removed is listed as orphaned, and taken down %s',
    ([, words], { nslab, stateDirectory }) => {
      const { nslab: run, place } = callerOf(nslab, stateDirectory)
      const name = uniqueName('orphaned')
      const built = run(['up', '-'], { input: text(name), cwd: '/' })
      expect(built.status, built.stderr).toBe(0)
      const processes = processesOf(name)
      const own = namespacesOf(processes).filter((each) => each !== readlinkSync('/proc/self/ns/net'))
      rmSync(join(place, name), { recursive: true })

      const listed = run(['ls', '--json'], { cwd: '/' })
      expect(listed.json().labs).toMatchObject([{ name, status: 'orphaned', keeper: { pid: expect.any(Number) } }])
      expect(listed.stderr).toContain(`the directory of lab ${name} was removed: \`nslab down ${name}\` takes it down`)
      expect(run(['ls'], { cwd: '/' }).stdout).toMatch(new RegExp(`${name} +orphaned `))
      const refused = run(['inspect', name], { cwd: '/' })
      expect([refused.status, refused.stderr]).toEqual([
        4,
        expect.stringContaining(`lab ${name} runs, but its directory`),
      ])
      // Its name is not free while it runs.
      expect(run(['up', '-'], { input: text(name), cwd: '/' }).status).toBe(7)

      const down = run(['down', ...words(name)], { cwd: '/' })
      expect([down.status, down.stdout], down.stderr).toEqual([0, `lab ${name} is down\n`])
      expect(processesOf(name)).toEqual([])
      const left = namespaces()
      expect(own.filter((each) => left.has(each))).toEqual([])
      expect(run(['ls', '--json'], { cwd: '/' }).json().labs).toEqual([])
    },
  )
})

test('a lab is found when its runtime directory was removed as a whole, and a lab elsewhere is left alone', () => {
  const user = new TestUser(61_104)
  onTestFinished(() => user[Symbol.dispose]())
  const runtime = join(user.directory, 'run')
  execFileSync('install', ['-d', '-m', '0700', '-o', String(user.uid), runtime])
  const [lost, kept] = [uniqueName('orphaned'), uniqueName('kept')]
  const env = { XDG_RUNTIME_DIR: runtime, NSLAB_STATE_DIR: '' }
  expect(user.nslab(['up', '-'], { input: text(lost), env, cwd: '/' }).status).toBe(0)
  expect(user.nslab(['up', '-'], { input: text(kept), cwd: '/' }).status).toBe(0)
  rmSync(runtime, { recursive: true })
  const { labs } = user.nslab(['ls', '--json'], { env, cwd: '/' }).json()
  expect(labs).toMatchObject([{ name: lost, status: 'orphaned' }])
  expect(user.nslab(['down', '--all'], { env, cwd: '/' }).stdout).toBe(`lab ${lost} is down\n`)
  expect(user.nslab(['ls', '--json'], { cwd: '/' }).json().labs).toMatchObject([{ name: kept, status: 'running' }])
})
