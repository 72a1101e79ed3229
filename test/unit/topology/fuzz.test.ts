// Whatever is in a file: it is accepted, or refused with a place in it. Nothing crashes, nothing hangs.

import { readdirSync, readFileSync } from 'node:fs'
import { runInThisContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LabError } from '../../../src/errors.js'
import { checkTopology } from '../../../src/topology/check.js'
import type { Topology } from '../../../src/topology/source/topology.js'
import { EFFORT, runs } from '../../support/effort.js'
import { filesFrom } from './support.js'

const SHIPPED = new URL('../../../topologies/', import.meta.url)
const DOCS = ['topology', 'links', 'contents', 'interfaces', 'routes'].map((page) =>
  readFileSync(new URL(`../../../docs/${page}.md`, import.meta.url), 'utf8'),
)
const seeds = [
  ...readdirSync(SHIPPED)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => readFileSync(new URL(file, SHIPPED), 'utf8')),
  ...DOCS.flatMap((page) => [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)]).map((match) => match[1] as string),
]

/** What YAML, JavaScript, terminals, or the language itself may stumble over. */
const POISON = [
  '',
  '\0',
  '\ud800',
  '\x1b[2J',
  '\u202e',
  '\ufeff',
  '\r',
  '\t',
  '💥',
  '日本',
  '__proto__',
  'constructor',
  'toString',
  'null',
  '~',
  '!!js/function x',
  '!<tag> x',
  '*x',
  '&x ',
  '&x {a: *x}',
  '<<: *x',
  '? ',
  '- ',
  ': ',
  '|\n',
  '---\n',
  '...\n',
  '%YAML 3.0\n',
  '# ',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  '{a: {a: {a: {a: {}}}}}',
  '${',
  '${x}',
  '${x:-1}',
  '$${x}',
  '{i}',
  '{i/0}',
  '{(((i}',
  '{i*i*i*i*i*i}',
  'repeat: 99999999999',
  'repeat: {i: 1..999999999, j: "{i}..0"}',
  'repeat: 3',
  'count: 1e9',
  'extends: router',
  'include: lab.yaml',
  'include: [self.yaml, none.yaml]',
  'vars: {x: "${x}"}',
  '1e999',
  '-0',
  '.nan',
  '0x10',
  '2001-01-01',
  '9'.repeat(400),
  '255.255.255.255/32',
  '::/0',
  '10.0.0.0/0',
  'fe80::1/64',
  'eth0',
  'br0',
  'lo',
  'switch',
  'h1',
]

interface Edit {
  at: number
  remove: number
  insert: string
}

const edits = fc.array(
  fc.record({
    at: fc.nat(),
    remove: fc.oneof(fc.constant(0), fc.nat({ max: 12 })),
    insert: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...POISON) },
      fc.string({ unit: 'grapheme', maxLength: 4 }),
      fc.constantFrom(...seeds.flatMap((seed) => seed.split('\n'))),
    ),
  }),
  { minLength: 1, maxLength: 5 },
)

/** Edits at the beginning of a word, where they are likely to mean something. */
function edited(text: string, { at, remove, insert }: Edit): string {
  const words = [...text.matchAll(/\b|(?<=\s)/g)].map(({ index }) => index)
  const from = words[at % words.length] ?? 0
  return text.slice(0, from) + insert + text.slice(from + remove)
}

const readIncluded = filesFrom({ 'lab.yaml': 'include: self.yaml', 'self.yaml': 'include: lab.yaml\nnodes: {h9: {}}' })

/** Thrown for what is valid and huge, which takes long to compute routes for; that is not what is tried here. */
class Huge extends Error {}

function refuseHuge(topology: Topology): Topology {
  if (topology.nodes.size >= 200) throw new Huge()
  return topology
}

/** Resolves it; a refusal has places that are in the file. */
function tried(text: string): 'accepted' | LabError {
  try {
    checkTopology(text, { file: 'lab.yaml', readIncluded }, { findSource: (path) => path }, refuseHuge)
    return 'accepted'
  } catch (error) {
    if (error instanceof Huge) return 'accepted'
    if (!(error instanceof LabError)) throw error
    expect(error.code).toBe('TOPOLOGY_INVALID')
    expect(error.issues?.length).toBeGreaterThan(0)
    const lines = text.split('\n').length
    for (const { file, line, column, message, quote } of error.issues ?? []) {
      expect(message).not.toMatch(/undefined|\[object|Invalid input/)
      expect(line).toBeGreaterThan(0)
      expect(column).toBeGreaterThan(0)
      if (file === 'lab.yaml') expect(line).toBeLessThanOrEqual(lines)
      if (quote) expect(quote.text).not.toContain('\n')
    }
    return error
  }
}

/** More are tried by hand: NSLAB_TEST_EFFORT=100 npx vitest run test/unit/topology/fuzz.test.ts */
const RUNS = 1000

/** Far more than anything takes: what is still running then has no end. */
const HANG_MS = 20_000

/** Ends what hangs, which nothing in the same thread could. */
function triedInTime(text: string): 'accepted' | LabError {
  const scope = globalThis as { tryTopology?: () => 'accepted' | LabError }
  scope.tryTopology = () => tried(text)
  return runInThisContext('tryTopology()', { timeout: HANG_MS }) as 'accepted' | LabError
}

test('a mutated topology is accepted, or refused with its place', () => {
  const outcomes = { accepted: 0, refused: 0 }
  fc.assert(
    fc.property(fc.constantFrom(...seeds), edits, (seed, changes) => {
      const outcome = triedInTime(changes.reduce(edited, seed))
      outcomes[outcome instanceof LabError ? 'refused' : 'accepted']++
    }),
    { ...runs(RUNS), endOnFailure: true },
  )
  // Neither is rare, so that both are really tried.
  expect(outcomes.accepted).toBeGreaterThan((RUNS * EFFORT) / 30)
  expect(outcomes.refused).toBeGreaterThan((RUNS * EFFORT) / 30)
})

test('what is no topology at all is refused with a place, too', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.json().map(String)), (text) => {
      expect(triedInTime(text)).toBeInstanceOf(LabError)
    }),
    { ...runs(RUNS / 5), endOnFailure: true },
  )
})
