// The neighbour tables that a lab was made with decide `neighbours: auto` as long as it runs, however full the machine's are by then.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { Lab } from '../../../../src/lab/lab.js'
import type { NeighbourTables } from '../../../../src/model/source/neighbour-tables.js'
import { type Cli, ROOT, test, uniqueName } from '../../../support/lab.js'
import { ip } from '../../../support/node-ip.js'

const EMPTY: NeighbourTables = { ipv4: 100_000, ipv6: 100_000, entries: { ipv4: 0, ipv6: 0 } }
const FULL: NeighbourTables = { ipv4: 100_000, ipv6: 100_000, entries: { ipv4: 90_000, ipv6: 90_000 } }

const textOf = (lab: string) => `name: ${lab}\nnodes: { h1: {}, h2: {}, h3: {} }\nlinks: [[h1, h2], [h2, h3]]\n`

/** Runs the command in a network namespace that does not show the machine's tables, so that it takes those that it is told. */
function on(tables: NeighbourTables, stateDirectory: string, words: string[], input: string) {
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['--net', process.execPath, join(ROOT, 'bin/run.js'), ...words],
    {
      encoding: 'utf8',
      input,
      env: {
        ...process.env,
        ...{ NO_COLOR: '1', NSLAB_STATE_DIR: stateDirectory, NSLAB_NEIGHBOUR_LIMITS: JSON.stringify(tables) },
      },
    },
  )
  return { status, said: `${stdout}${stderr}` }
}

const permanent = (nslab: Cli, node: string) =>
  ip(nslab, node, 'neighbour').filter(({ state }: any) => state.includes('PERMANENT')).length

test.for([
  [EMPTY, FULL, 0],
  [FULL, EMPTY, 2],
] as const)('in tables that fill, or empty, after up', ([then, now, entries], { nslab, stateDirectory }) => {
  const lab = uniqueName('tables')
  const run = (tables: NeighbourTables, ...words: string[]) => on(tables, stateDirectory, words, textOf(lab))
  expect(run(then, 'up', '-')).toMatchObject({ status: 0 })
  expect(run(now, 'diff', '-')).toMatchObject({ status: 0 })
  expect(run(now, 'up', '-').said).toContain('is as the file says')
  expect(run(now, 'apply', '-').said).toContain('is as the file says')
  expect(run(now, 'node', 'add', 'h4')).toMatchObject({ status: 0 })
  expect(run(now, 'link', 'add', 'h4', 'h3')).toMatchObject({ status: 0 })
  expect(permanent(nslab, `${lab}/h4`)).toBe(entries)
  expect(permanent(nslab, `${lab}/h1`)).toBe(entries)
  // After an apply, too, which keeps what its text was read with.
  expect(run(now, 'apply', '-')).toMatchObject({ status: 0 })
  expect(permanent(nslab, `${lab}/h1`)).toBe(entries)
  expect(run(then, 'diff', '-')).toMatchObject({ status: 0 })
})

test('in a program', async ({ nslab, stateDirectory }) => {
  const name = uniqueName('tables')
  const text = textOf(name)
  await using lab = await Lab.up(text, { persist: true })
  for (const [tables, entries] of [
    [FULL, 2],
    [EMPTY, 0],
  ] as const) {
    const record = join(stateDirectory, name, 'applied.json')
    const { source, ...rest } = JSON.parse(readFileSync(record, 'utf8'))
    writeFileSync(record, JSON.stringify({ ...rest, source: { ...source, neighbourTables: tables } }))
    await lab.apply(text)
    expect(permanent(nslab, `${name}/h1`)).toBe(entries)
    expect(await lab.diff(text)).toMatchObject({ equal: true })
  }
})
