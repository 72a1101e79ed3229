// `nslab test` and `nslab check`: the shipped topologies, failures with their exit status, and nothing left.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { processesOf, test, uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

const directory = mkdtempSync(join(tmpdir(), 'nslab-checks-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

function written(name: string, text: string): string {
  const file = join(directory, `${name}.yaml`)
  writeFileSync(file, text)
  return file
}

// h1 ── r1 ── h2
const LAB = `nodes: { h1: {}, r1: { kind: router }, h2: { exec: [] } }
links: [[h1, r1], [r1, h2]]
`

test('every shipped topology has checks, and passes them or names what this kernel lacks', ({ nslab }) => {
  const { status, stdout, stderr, json } = nslab(['test', 'topologies/', '--json'])
  expect(status, stdout + stderr).toBe(0)
  for (const lab of json().labs) {
    expect(['passed', 'skipped'], `${lab.file}: ${lab.status}`).toContain(lab.status)
    if (lab.status === 'skipped') expect(lab.skipped).toContain('this kernel lacks')
    else expect(lab.results.length, lab.file).toBeGreaterThan(1)
    expect(processesOf(lab.lab)).toEqual([])
  }
  expect(nslab(['ls', '--json']).json()).toEqual({ labs: [] })
})

test('an ordinary user tests a topology', () => {
  using user = new TestUser(61_014)
  const { status, stdout, stderr } = user.nslab(['test', 'topologies/two-routers.yaml'])
  expect(status, stderr).toBe(0)
  expect(stdout).toContain('3 checks passed')
})

test('many ways from one node over one router all pass, although it sends few ICMP errors', ({ nslab }) => {
  const paths = Array.from({ length: 4 }, () => '  - path: { from: h1, to: h2, via: [r1] }\n').join('')
  const { status, stdout } = nslab(['test', written('ways', `${LAB}checks:\n${paths}`)])
  expect(status, stdout).toBe(0)
  expect(stdout).toContain('4 checks passed')
})

test('failures say what was found, the report goes to a file, and the other files are tested', ({ nslab }) => {
  const bad = written('bad', `${LAB}checks: [{ ping: h1 -> h9 }]\n`)
  const failing = written(
    'failing',
    `${LAB}checks:
  - ping: h1 -> h2
  - unreachable: h1 -> h2
  - tcp: h1 -> h2:9
  - path: { from: h1, to: h2, via: [] }
  - route: { node: h1, to: 192.0.2.0/24, via: h2 }
  - exec: { node: h1, run: "echo no", stdout: "/yes/" }
`,
  )
  const plain = written('plain', LAB)
  const report = join(directory, 'report.xml')
  const { status, stdout } = nslab(['test', failing, plain, '--reporter', 'junit', '-o', report])
  expect(status, stdout).toBe(8)
  expect(stdout).toContain('5 of 6 checks FAILED')
  expect(stdout).toContain('10.0.0.3 answers: 2 of 2')
  expect(stdout).toContain('is refused: nothing listens there')
  expect(stdout).toContain('nothing listens on TCP port 9 of h2, nor on any other TCP port')
  expect(stdout).toContain('the way is over r1, not directly to the destination')
  expect(stdout).toContain('h1 has 0.0.0.0/0 via 10.0.0.1 dev eth0')
  expect(stdout).toContain('standard output is "no", which /yes/ does not fit')
  expect(stdout).toContain('plain.yaml: no checks')
  expect(readFileSync(report, 'utf8')).toContain('failures="5"')
  const both = nslab(['test', bad, failing])
  expect([both.status, both.stdout.includes('5 of 6 checks FAILED')], both.stdout).toEqual([3, true])
  expect(nslab(['ls', '--json']).json()).toEqual({ labs: [] })
})

test('a lab of failed checks is kept on demand, and checked again while it runs', ({ nslab }) => {
  const file = written(uniqueName('kept'), `${LAB}checks: [{ tcp: "h1 -> h2:9" }]\n`)
  const { status, json } = nslab(['test', file, '--keep-on-failure', '--json'])
  expect(status).toBe(8)
  const { kept } = json().labs[0]
  expect(nslab(['check', kept]).status).toBe(8)
  // The checks of a file that is applied count, though they are no difference of the lab.
  const other = written('other', `name: ${kept}\n${LAB}checks: [{ ping: h1 -> h2 }]\n`)
  expect(nslab(['diff', other]).status).toBe(0)
  expect(nslab(['apply', other]).status).toBe(0)
  const checked = nslab(['check', kept])
  expect(checked.status, checked.stdout).toBe(0)
  expect(nslab(['down', kept]).status).toBe(0)
})
