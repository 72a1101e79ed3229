// The check of import directions finds forbidden imports and cycles.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { architectureFaults } from './check.js'
import { importsOf } from './imports.js'
import { ROOMS } from './rooms.js'

const SRC = new URL('../../../src', import.meta.url).pathname

test('the sources keep to the directions and have no cycle', () => {
  expect(architectureFaults(importsOf(SRC))).toEqual([])
})

test('every kind of import is found, types included', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nslab-imports-'))
  try {
    const lines = [
      "import type { A } from './a.js'",
      "import { type B, b } from '../b.js'",
      "export type * from './c.js'",
      "export { d } from './d.js'",
      "export const e: import('./e.js').E = 1",
      "export const f = async () => await import('./f.js')",
      "import './g.js'",
      "import zod from 'zod'",
      "import Raw from 'netlink/dist/raw.js'",
      "import { Command } from '@oclif/core/command'",
      "import { readFileSync } from 'node:fs'",
    ]
    writeFileSync(join(folder, 'all.ts'), lines.join('\n'))
    expect(importsOf(folder).map(({ to }) => to)).toEqual([
      ...['a.ts', '../b.ts', 'c.ts', 'd.ts', 'e.ts', 'f.ts', 'g.ts'],
      ...['zod', 'netlink', '@oclif/core', 'node:fs'],
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.each([
  ['plan/op.ts', 'lab/lab.ts', 'plan/op.ts imports lab/lab.ts: plan may not import lab'],
  ['topology/resolve.ts', 'plan/op.ts', 'topology/resolve.ts imports plan/op.ts: topology may not import plan'],
  ['model/resolved.ts', 'topology/values/prefix.ts', expect.stringContaining('model may not import topology/values')],
  ['kernel/libc.ts', 'lab/lab.ts', 'kernel/libc.ts imports lab/lab.ts: kernel may not import lab'],
  [
    'kernel/netlink/rtnl/link.ts',
    'kernel/libc.ts',
    expect.stringContaining('kernel/netlink/rtnl may not import kernel'),
  ],
  ['lab/run/exec.ts', 'lab/build/up.ts', 'lab/run/exec.ts imports lab/build/up.ts: lab/run may not import lab/build'],
  ['lab/lab.ts', 'cli/command.ts', 'lab/lab.ts imports cli/command.ts: lab may not import cli'],
  ['present/lab.ts', 'node:fs', 'present/lab.ts imports the package node:fs: it may not'],
  ['kernel/tun.ts', 'koffi', 'kernel/tun.ts imports the package koffi: it may not'],
  ['new.ts', 'errors.ts', 'new.ts is in no room of test/unit/architecture/rooms.ts'],
])('%s may not import %s', (from, to, fault) => {
  expect(architectureFaults([{ from, to }])).toEqual([fault])
})

test('what the table allows passes', () => {
  const imports = [
    { from: 'lab/build/up.ts', to: 'plan/op.ts' },
    { from: 'kernel/libc.ts', to: 'koffi' },
    { from: 'model/resolved.ts', to: 'namespace-kinds.ts' },
    { from: 'commands/up.ts', to: 'cli/command.ts' },
  ]
  expect(architectureFaults(imports)).toEqual([])
})

test('a cycle is told with its files', () => {
  const imports = [
    { from: 'plan/a.ts', to: 'plan/b.ts' },
    { from: 'plan/b.ts', to: 'plan/c.ts' },
    { from: 'plan/c.ts', to: 'plan/b.ts' },
  ]
  expect(architectureFaults(imports)).toEqual([
    'these files import each other in a cycle: plan/b.ts → plan/c.ts → plan/b.ts',
  ])
})

test('every room of the table is there', () => {
  const files = [...new Set(importsOf(SRC).map(({ from }) => from))]
  const isThere = (room: string) => files.some((file) => file === room || file.startsWith(`${room}/`))
  // `files` has only files with imports.
  expect(
    Object.keys(ROOMS).filter(
      (room) => !isThere(room) && !['namespace-kinds.ts', 'steps.ts', 'model/family.ts'].includes(room),
    ),
  ).toEqual([])
})
