// Finds the topology of a directory, for `up` without a file.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from '../../errors.js'
import { foreignKind } from '../../topology/source/foreign.js'
import { readRegularFile } from './read-input.js'

/** The file's names, in the order in which they are looked for. */
const NAMES = ['nslab.yaml', 'nslab.yml']

/**
 * The topology of a directory: nslab.yaml, nslab.yml, or the only other YAML file with `nodes` or `include`.
 *
 * @throws LabError USAGE when there is none, or several.
 */
export function findTopology(directory: string): string {
  const files = readdirSync(directory).filter((name) => /\.ya?ml$/.test(name))
  const named = NAMES.find((name) => files.includes(name))
  if (named !== undefined) return named
  const [only, ...others] = files.sort().filter((name) => isTopology(join(directory, name)))
  if (only === undefined) {
    throw new LabError('USAGE', 'up needs a topology file, or - for standard input', {
      hint: 'there is no nslab.yaml here, and no other topology',
    })
  }
  if (others.length === 0) return only
  throw new LabError('USAGE', `there are several topologies here: ${[only, ...others].join(', ')}`, {
    hint: `name one, such as \`nslab up ${only}\`, or call it nslab.yaml`,
  })
}

/** Whether a file has the key `nodes` at the top, and none of the keys of other tools. A file that cannot be read has none. */
function isTopology(path: string): boolean {
  try {
    const text = readRegularFile(path)
    return /^(?:nodes|include):/m.test(text) && foreignKind(text) === null
  } catch (error) {
    if (error instanceof LabError) return false
    throw error
  }
}
