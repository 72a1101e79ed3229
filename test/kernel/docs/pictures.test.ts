// The examples of docs/pictures.md are what the program says, and the picture in the README is what its command makes.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, onTestFinished } from 'vitest'
import { ROOT, runCli, test } from '../../support/lab.js'

const page = readFileSync(join(ROOT, 'docs/pictures.md'), 'utf8')

/** Each `$ COMMAND` of a block, and the output below it. */
const sessions = [...page.matchAll(/^```console\n\$ (.*)\n([\s\S]*?)^```/gm)].map(([, command = '', output = '']) => ({
  command,
  output,
}))

/** A directory with the shipped topologies, in which commands may write. */
function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'nslab-pictures-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  cpSync(join(ROOT, 'topologies'), join(path, 'topologies'), { recursive: true })
  return path
}

/** Runs a command line of commands of nslab with pipes between them. */
function run(line: string, cwd: string): string {
  return line.split(' | ').reduce((input, command) => {
    const [program, ...args] = command.split(' ')
    expect(program).toBe('nslab')
    const { status, stdout, stderr } = runCli(args, { input, cwd, env: { LC_ALL: 'C.UTF-8' } })
    expect({ command, status, stderr }).toEqual({ command, status: 0, stderr: '' })
    return stdout
  }, '')
}

test.each(sessions)('$command', ({ command, output }) => {
  expect(run(command, directory())).toBe(output)
})

test('the page has its examples', () => {
  expect(sessions.length).toBeGreaterThan(3)
})

test('the positions of the page are kept, and so is a saved layout', () => {
  const cwd = directory()
  const [, topology = ''] = /^```yaml\n([\s\S]*?)^```/m.exec(page) ?? []
  writeFileSync(join(cwd, 'placed.yaml'), topology)
  const { nodes } = JSON.parse(run('nslab graph placed.yaml --json', cwd))
  expect(nodes.map(({ box }: any) => [box.x + box.width / 2, box.y + box.height / 2])).toEqual([
    [100, 100],
    [300, 100],
    [300, 250],
  ])
  const before = run('nslab graph topologies/sites.yaml', cwd)
  run('nslab graph topologies/sites.yaml --save-layout', cwd)
  expect(run('nslab graph topologies/sites.yaml', cwd)).toBe(before)
  const [, layout = ''] = /^```json\n([\s\S]*?)^```/m.exec(page) ?? []
  writeFileSync(join(cwd, 'pair.yaml'), 'nodes: {h1: {}, h2: {}}\nlinks: [[h1, h2]]')
  writeFileSync(join(cwd, 'pair.yaml.layout.json'), layout)
  expect(run('nslab graph pair.yaml --json', cwd)).toContain('"x": 100,')
})

test("the README's picture is what its command makes of its topology, byte for byte", () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const [, topology = ''] = /^```yaml\n([\s\S]*?)^```/m.exec(readme) ?? []
  const [, command = '', file = ''] = /`(nslab graph office\.yaml -o (\S+))`/.exec(readme) ?? []
  const cwd = directory()
  writeFileSync(join(cwd, 'office.yaml'), topology)
  run(command, cwd)
  expect(readFileSync(join(cwd, file), 'utf8')).toBe(readFileSync(join(ROOT, 'docs', file), 'utf8'))
  expect(readme).toContain(`](docs/${file})`)
})

test('the compiled program draws every format', () => {
  expect(inject('readableCheckout')).toBeTruthy()
  const cwd = directory()
  for (const [file, start] of [
    ['a.svg', '<svg '],
    ['a.png', '\x89PNG'],
    ['a.html', '<!DOCTYPE html>'],
    ['a.drawio', '<mxfile'],
    ['a.dot', 'graph '],
    ['a.mmd', 'flowchart TB'],
    ['a.txt', ' '],
  ] as const) {
    run(`nslab graph topologies/two-routers.yaml -o ${file}`, cwd)
    expect(readFileSync(join(cwd, file), 'latin1').startsWith(start), file).toBe(true)
  }
})
