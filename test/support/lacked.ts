// What a test expects of a topology whose kinds of interfaces the kernel may lack.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Cli, type CliResult, ROOT } from './lab.js'

/** `doctor` has no check of it. */
const VLAN_FILTERING = { detail: 'lacks VLAN filtering on bridges', remedy: 'CONFIG_BRIDGE_VLAN_FILTERING' }

/**
 * For a kind that the kernel lacks, `up` fails with the same words as `doctor`. Where it lacks several, any of them may be the
 * first. Kinds that it lacks here are tried in test/vm.
 */
export function expectLacked(path: string, { stderr }: CliResult, nslab: Cli): void {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const kinds = [...text.matchAll(/kind: (\w+)/g)].map((match) => `link.${match[1]}`)
  const lacked = nslab(['doctor', '--json'])
    .json()
    .checks.filter(({ name, status }: any) => status === 'missing' && kinds.includes(name))
  const words = lacked.flatMap(({ detail, remedy }: any) => [{ detail, remedy }])
  if (text.includes('vlans:')) words.push(VLAN_FILTERING)
  expect(
    words.filter(({ detail, remedy }: any) => stderr.includes(detail) && stderr.includes(remedy)),
    stderr,
  ).toHaveLength(1)
}
