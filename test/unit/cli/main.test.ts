import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { COMMANDS } from '../../../src/cli/main.js'

test('every command of src/commands can be run', () => {
  const files = readdirSync(new URL('../../../src/commands', import.meta.url), { recursive: true })
  const names = files.flatMap((file) => /^(.*)\.ts$/.exec(String(file))?.[1]?.replace('/', ' ') ?? [])
  expect(Object.keys(COMMANDS)).toEqual(names.toSorted())
})
