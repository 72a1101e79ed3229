// What a test expects of a topology whose kinds of interfaces the kernel may lack.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Cli, type CliResult, ROOT } from './lab.js'

/** For a kind that the kernel lacks, `up` fails with the same words as `doctor`. Kinds that it lacks here are tried in test/vm. */
export function expectLacked(path: string, { stderr }: CliResult, nslab: Cli): void {
  const kinds = [...readFileSync(join(ROOT, path), 'utf8').matchAll(/kind: (\w+)/g)].map((match) => `link.${match[1]}`)
  const lacked = nslab(['doctor', '--json'])
    .json()
    .checks.filter(({ name, status }: any) => status === 'missing' && kinds.includes(name))
  expect(lacked, stderr).toHaveLength(1)
  expect(stderr).toContain(lacked[0].detail)
  expect(stderr).toContain(lacked[0].remedy)
}
