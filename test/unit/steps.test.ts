// The steps that the native helper can report and those that hints may hang on are the same.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { SHIM_STEPS } from '../../src/steps.js'

const NATIVE = fileURLToPath(new URL('../../native-shim/', import.meta.url))
const read = (file: string): string => readFileSync(join(NATIVE, file), 'utf8')

/** The table of steps.h: `STEP(STEP_FORK, "fork")`. */
const TABLE = [...read('steps.h').matchAll(/\bSTEP\((\w+), "(.*)"\)/g)].map(([, identifier = '', code = '']) => ({
  identifier,
  code,
}))

test('src/steps.ts lists every step of the native helper, and no other', () => {
  expect(TABLE.length).toBeGreaterThan(40)
  expect(SHIM_STEPS).toEqual(TABLE.map(({ code }) => code))
})

test('a code is its identifier in lower case', () => {
  const written = ({ identifier }: { identifier: string }) => identifier.slice('STEP_'.length).toLowerCase()
  expect(TABLE.map(({ code }) => code)).toEqual(TABLE.map((step) => written(step).replaceAll('_', '-')))
})

test('some code of the native helper reports each step', () => {
  const sources = readdirSync(NATIVE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.c'))
  const reported = new Set(sources.flatMap((file) => read(file).match(/\bSTEP_\w+/g) ?? []))
  expect(TABLE.map(({ identifier }) => identifier).filter((identifier) => !reported.has(identifier))).toEqual([])
})
