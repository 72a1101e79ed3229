// Output fits the terminal, and is whole in a pipe.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT, runCli } from '../../support/lab.js'

/** Runs the command on a terminal of script(1). */
function onTerminal(columns: number, args: readonly string[], env: NodeJS.ProcessEnv = {}): string[] {
  const words = [process.execPath, join(ROOT, 'bin/run.js'), ...args].map((word) => `'${word}'`)
  const line = `stty cols ${columns}; ${words.join(' ')}`
  const text = execFileSync('script', ['-qc', line, '/dev/null'], {
    encoding: 'utf8',
    cwd: ROOT,
    env: { ...process.env, ...env },
  })
  return text.split(/\r?\n/)
}

const widest = (lines: readonly string[]): number => Math.max(...lines.map((line) => line.length))

describe.for([
  ['export', 'topologies/two-routers.yaml', '--table', 'routes'],
  ['export', 'topologies/overlay.yaml', '--table', 'interfaces'],
])('%j', (args) => {
  test.for([40, 80, 200])('fits %i columns', (columns) => {
    const lines = onTerminal(columns, args)
    expect(lines.length).toBeGreaterThan(10)
    expect(widest(lines)).toBeLessThanOrEqual(columns)
  })

  test('is whole in a pipe, whatever COLUMNS says', () => {
    const { stdout } = runCli(args, { env: { COLUMNS: '40' } })
    expect(widest(stdout.split('\n'))).toBeGreaterThan(70)
  })
})

test('COLUMNS wins over what the terminal says', () => {
  const args = ['export', 'topologies/two-routers.yaml', '--table', 'interfaces']
  expect(widest(onTerminal(200, args, { COLUMNS: '50' }))).toBeLessThanOrEqual(50)
})

test('commands of a plan continue on further lines on a terminal', () => {
  const lines = onTerminal(100, ['plan', 'topologies/two-hosts.yaml'])
  expect(lines.some((line) => line.endsWith(' \\'))).toBe(true)
  const joined = lines.join('\n').replace(/ \\\n +/g, ' ')
  expect(joined.trim()).toBe(runCli(['plan', 'topologies/two-hosts.yaml']).stdout.trim())
})
