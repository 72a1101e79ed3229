// The command line of `graph`: formats, files, layout files, and what bad input gets.
import { existsSync, linkSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { type CliResult, runCli, test, uniqueName } from '../../support/lab.js'

const PAIR = 'name: pair\nnodes: {a: {}, b: {}}\nlinks: [[a, b]]\n'

/** A directory of its own, with the file pair.yaml, in which `graph` runs. */
function place(): { file: (name: string) => string; graph: (...args: string[]) => CliResult } {
  const cwd = mkdtempSync(join(tmpdir(), 'nslab-graph-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  writeFileSync(join(cwd, 'pair.yaml'), PAIR)
  return {
    file: (name) => join(cwd, name),
    graph: (...args) => runCli(['graph', ...args], { cwd, env: { LC_ALL: 'C.UTF-8' } }),
  }
}

test('a pipe gets svg, a file what its name says, --format wins', () => {
  const { graph, file } = place()
  expect(graph('pair.yaml').stdout).toMatch(/^<svg /)
  expect(graph('pair.yaml', '-o', 'pair.gv')).toMatchObject({ status: 0, stdout: '' })
  expect(readFileSync(file('pair.gv'), 'utf8')).toMatch(/^graph "pair"/)
  expect(graph('pair.yaml', '-o', 'pair.gv', '--format', 'mermaid')).toMatchObject({ status: 0 })
  expect(readFileSync(file('pair.gv'), 'utf8')).toMatch(/^flowchart/)
  expect(graph('pair.yaml', '-o', 'pair')).toMatchObject({ status: 0 })
  expect(readFileSync(file('pair'), 'utf8')).toMatch(/^<svg /)
})

test('a file whose ending is of no format, or that is drawn, is not written', () => {
  const { graph, file } = place()
  for (const name of ['pair.pdf', 'pair.json', 'pair.yml']) {
    expect(graph('pair.yaml', '-o', name)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/no format has files that end in \.\w+: \.svg, \.png, /),
    })
    expect(existsSync(file(name))).toBe(false)
  }
  expect(graph('pair.yaml', '-o', 'pair.pdf', '--format', 'svg')).toMatchObject({ status: 0 })
  symlinkSync('pair.yaml', file('same.svg'))
  linkSync(file('pair.yaml'), file('linked.svg'))
  for (const args of [['pair.yaml', '--format', 'svg'], ['same.svg'], ['linked.svg']]) {
    const [name = '', ...rest] = args
    expect(graph('pair.yaml', '-o', name, ...rest)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`-o ${name} would replace pair.yaml, which is drawn`),
    })
  }
  const layout = ['-o', 'pair.yaml.layout.json', '--format', 'svg']
  expect(graph('pair.yaml', ...layout).stderr).toContain('would replace pair.yaml.layout.json')
  expect(graph('pair.yaml', '-o', 'pair.yaml', '--json')).toMatchObject({ status: 2 })
  expect(readFileSync(file('pair.yaml'), 'utf8')).toBe(PAIR)
  expect(graph('pair.yaml', '-o', '')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--output needs the name of a file; - is standard output'),
  })
})

test('--json is the sheet, in a file too', () => {
  const { graph, file } = place()
  expect(graph('pair.yaml', '--json').json()).toMatchObject({ lab: 'pair', lines: [{ id: 'a:eth0--b:eth0' }] })
  expect(graph('pair.yaml', '--json', '-o', 'sheet.json')).toMatchObject({ status: 0, stdout: '' })
  expect(JSON.parse(readFileSync(file('sheet.json'), 'utf8'))).toMatchObject({ lab: 'pair' })
  expect(graph('pair.yaml', '--json', '--format', 'svg')).toMatchObject({ status: 2 })
})

test('unknown formats, layers and labels name those that there are', () => {
  const { graph } = place()
  const errors = [
    [['--format', 'gif'], '--format gif: there are svg, png, dot, mermaid, drawio, ascii, html'],
    [['--layer', 'l2'], '--layer l2: there are all, underlay, overlay'],
    [['--labels', 'some'], '--labels some: there are none, names, addresses, all'],
    [['--theme', 'red'], '--theme red: there are auto, light, dark'],
    [['--layer', 'overlay'], 'pair has no tunnels between its nodes, so its layer overlay is empty'],
  ] as const
  for (const [args, message] of errors) {
    const { status, stderr } = graph('pair.yaml', ...args)
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(`error: ${message}\n`) })
  }
  expect(graph('pair.yaml', '--group', 'site').stderr).toBe(
    'nslab: warning: no node has the label site; none has any\n',
  )
  expect(graph('pair.yaml', '-o', 'none/pair.svg').stderr).toContain('there is no directory none')
})

test('a layout is saved, read, and does not go with another topology', () => {
  const { graph, file } = place()
  expect(graph('pair.yaml', '--save-layout')).toMatchObject({ status: 0, stdout: '', stderr: '' })
  const layout = JSON.parse(readFileSync(file('pair.yaml.layout.json'), 'utf8'))
  expect(layout).toMatchObject({ version: 1, topology: 'pair' })
  layout.positions.b = [500, 300]
  layout.positions.z = [1, 1]
  writeFileSync(file('pair.yaml.layout.json'), JSON.stringify(layout))
  const drawn = graph('pair.yaml', '--json')
  const { box } = drawn.json().nodes[1]
  expect([box.x + box.width / 2, box.y + box.height / 2]).toEqual([500, 300])
  expect(drawn.stderr).toMatch(
    /^nslab: warning: pair\.yaml\.layout\.json:1:\d+: pair has no node z; its position is left out\n$/,
  )
  // The name of the lab alone differs: the file and its layout belong together.
  expect(graph('pair.yaml', '--name', 'other', '--format', 'dot').stderr).toContain(
    'this is the layout of pair, not of other',
  )
  writeFileSync(file('pair.yaml.layout.json'), '{"version": 1, "topology": "pair", "positions": {"a": [-1, 0]}}')
  expect(graph('pair.yaml', '--format', 'dot').stderr).toContain(
    'pair.yaml.layout.json:1:55: the position of a is off the sheet',
  )
})

const TUNNEL = `name: tunnel
nodes:
  a: {interfaces: {t: {kind: gre, remote: b}}}
  b: {interfaces: {t: {kind: gre, remote: a}}}
  c: {}
links: [[a, b, c]]
`

test('a saved layout has all nodes, whatever is drawn, and keeps those of other variants of the file', () => {
  const { graph, file } = place()
  writeFileSync(file('tunnel.yaml'), TUNNEL)
  const saved = () => JSON.parse(readFileSync(file('tunnel.yaml.layout.json'), 'utf8'))
  expect(graph('tunnel.yaml', '--save-layout', '--layer', 'overlay')).toMatchObject({ status: 0, stdout: '' })
  const layout = saved()
  // Boxes of the overlay are larger: they have the addresses of the links.
  expect(graph('tunnel.yaml', '--layer', 'overlay').stderr).not.toMatch(/ is over | not wholly /)
  expect(Object.keys(layout.positions)).toEqual(expect.arrayContaining(['a', 'b', 'c']))
  const { c: _, ...positions } = layout.positions
  layout.positions = { ...positions, b: [900, 700.25], spare: [5, 6] }
  writeFileSync(file('tunnel.yaml.layout.json'), JSON.stringify(layout))
  expect(graph('tunnel.yaml', '--save-layout', '--layer', 'overlay')).toMatchObject({ status: 0 })
  expect(saved().positions).toEqual({ ...layout.positions, c: [expect.any(Number), expect.any(Number)] })
})

test('a layout that was saved without labels has room for all', () => {
  const { graph, file } = place()
  writeFileSync(file('tunnel.yaml'), TUNNEL)
  expect(graph('tunnel.yaml', '--save-layout', '--labels', 'none')).toMatchObject({ status: 0 })
  expect(graph('tunnel.yaml', '--json').json().warnings).toEqual([])
})

test('--save-layout replaces no other file', () => {
  const { graph, file } = place()
  for (const text of ['{"version": 1, "topology": "other", "positions": {"a": [1, 2]}}', '{"version": 9}', 'notes']) {
    writeFileSync(file('pair.yaml.layout.json'), text)
    expect(graph('pair.yaml', '--save-layout')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        '--save-layout does not replace pair.yaml.layout.json: it is no layout of pair\n',
      ),
    })
    expect(readFileSync(file('pair.yaml.layout.json'), 'utf8')).toBe(text)
  }
})

test('--json has the warnings of the layout file and of --group', () => {
  const { graph, file } = place()
  writeFileSync(file('pair.yaml.layout.json'), '{"version": 1, "topology": "pair", "positions": {"z": [1, 0]}}')
  expect(graph('pair.yaml', '--json', '--group', 'site').json().warnings).toEqual([
    'pair.yaml.layout.json:1:50: pair has no node z; its position is left out',
    'no node has the label site; none has any',
  ])
  expect(graph('pair.yaml', '--save-layout', '--group', 'site').stderr).toContain('no node has the label site')
})

test('--save-layout needs a file', ({ nslab }) => {
  expect(nslab(['graph', '-', '--save-layout'], { input: PAIR })).toMatchObject({ status: 2 })
  const name = uniqueName('graph')
  expect(nslab(['up', '-', '--name', name], { input: PAIR })).toMatchObject({ status: 0 })
  expect(nslab(['graph', '--save-layout'])).toMatchObject({ status: 2 })
  expect(nslab(['graph', 'nowhere'])).toMatchObject({ status: 7 })
})

test('positions of a running lab are those that were applied last', ({ nslab }) => {
  const name = uniqueName('graph')
  const text = (x: number) => `nodes: {a: {position: [${x}, 100]}, b: {position: [400, 300]}}\nlinks: [[a, b]]`
  expect(nslab(['up', '-', '--name', name], { input: text(100) })).toMatchObject({ status: 0 })
  const { stdout } = nslab(['apply', '-', name, '--name', name, '--dry-run'], { input: text(200) })
  expect(stdout).toMatch(/position/)
  expect(nslab(['apply', '-', name, '--name', name], { input: text(200) })).toMatchObject({ status: 0 })
  const { box } = nslab(['graph', name, '--json']).json().nodes[0]
  expect(box.x + box.width / 2).toBe(200)
})
