// Wrong command lines in nslab's own words: the errors are those of oclif's own parser.
import { expect, test } from 'vitest'
import { pingFlags, topologyFlags } from '../../../src/cli/flags.js'
import * as oclif from '../../../src/cli/oclif.js'
import { parse } from '../../../src/cli/parser.js'
import { usageError } from '../../../src/cli/usage.js'

const flags = { ...topologyFlags, ...pingFlags, table: oclif.Flags.option({ options: ['nodes', 'links'] as const })() }

async function refusal(line: string): Promise<string> {
  const words = line.split(' ').filter((word) => word !== '')
  const command = { name: 'test', needs: 'a topology file', arguments: 1, flags }
  try {
    await parse(words, { args: { file: oclif.requiredArgument('file') }, flags, strict: true })
  } catch (error) {
    return usageError(error as Error, command).message
  }
  return 'accepted'
}

test.each([
  ['', 'test needs a topology file'],
  ['a b', 'test takes one argument, and was given b besides'],
  ['a --nam x', 'there is no flag --nam; did you mean --name?'],
  ['a -x', 'there is no flag -x'],
  ['a -4 -6', 'use -4 or -6, not both'],
  ['a -c', '--count needs a value'],
  ['a -c x', '--count x: not a whole number'],
  ['a -c 0', '--count 0: must be at least 1'],
  ['a -c 100001', '--count 100001: must be at most 100000'],
  ['a -i x', '--interval: x is not a number of seconds (0 to 3600)'],
  ['a -i .', '--interval: . is not a number of seconds (0 to 3600)'],
  ['a -i .2 -W 1.', 'accepted'],
  ['a --count=3 --count=4', '--count is given more than once'],
  ['a -c 3 --count 4', '--count is given more than once'],
  ['a --set x', '--set x: not NAME=VALUE'],
  ['a --name a_b', '--name "a_b": a name consists of letters, digits and inner hyphens'],
  ['a --table', '--table needs one of nodes, links'],
  ['a --table node', '--table node: there are nodes, links; did you mean nodes?'],
])('%j: %s', async (line, message) => {
  expect(await refusal(line)).toBe(message)
})
