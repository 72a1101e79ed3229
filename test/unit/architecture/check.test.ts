// The check of import directions finds forbidden imports and cycles.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { architectureFaults } from './check.js'
import { importsOf, sourceFiles } from './imports.js'
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
      "import h = require('./h.js')",
      "import type i = require('./i.js')",
    ]
    writeFileSync(join(folder, 'all.ts'), lines.join('\n'))
    expect(importsOf(folder).map(({ to }) => to)).toEqual([
      ...['a.ts', '../b.ts', 'c.ts', 'd.ts', 'e.ts', 'f.ts', 'g.ts'],
      ...['zod', 'netlink', '@oclif/core', 'node:fs', 'h.ts', 'i.ts'],
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

test.each(['/// <reference path="../lab/lab.ts" />', "process.getBuiltinModule('node:fs')"])(
  '%s is refused',
  (text) => {
    const folder = mkdtempSync(join(tmpdir(), 'nslab-imports-'))
    try {
      writeFileSync(join(folder, 'hidden.ts'), text)
      expect(() => importsOf(folder)).toThrow('hidden.ts imports in a way that cannot be checked')
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)

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

test('every file is in a room of the table, and every room is there', () => {
  const files = sourceFiles(SRC)
  const isIn = (file: string, room: string) => file === room || file.startsWith(`${room}/`)
  expect(files.filter((file) => !Object.keys(ROOMS).some((room) => isIn(file, room)))).toEqual([])
  expect(Object.keys(ROOMS).filter((room) => !files.some((file) => isIn(file, room)))).toEqual([])
})

test('no folder has more than 20 files, but those with a file for each command and each netlink object, and no file more than 300 lines', () => {
  const files = sourceFiles(SRC)
  const inFolder = new Map<string, string[]>()
  for (const file of files) inFolder.set(dirname(file), [...(inFolder.get(dirname(file)) ?? []), file])
  expect([...inFolder].flatMap(([folder, own]) => (own.length > 20 ? [folder] : []))).toEqual([
    'commands',
    'kernel/netlink/rtnl',
  ])
  const linesOf = (file: string) => readFileSync(join(SRC, file), 'utf8').split('\n').length - 1
  expect(files.filter((file) => linesOf(file) > 300)).toEqual([])
})
