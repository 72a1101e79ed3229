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
  const found = files.sort().map((name) => readKind(directory, name))
  const [only, ...others] = found.filter(({ isTopology }) => isTopology).map(({ name }) => name)
  if (only === undefined) {
    const foreign = found.flatMap(({ name, foreign: kind }) => (kind === null ? [] : [`; ${name} is ${kind}`]))
    throw new LabError('USAGE', 'up needs a topology file, or - for standard input', {
      hint: `there is no nslab.yaml here, and no other topology${foreign[0] ?? ''}`,
    })
  }
  if (others.length === 0) return only
  throw new LabError('USAGE', `there are several topologies here: ${[only, ...others].join(', ')}`, {
    hint: `name one, such as \`nslab up ${only}\`, or call it nslab.yaml`,
  })
}

interface FoundFile {
  name: string
  isTopology: boolean
  /** What the file of another tool is, such as `a containerlab topology`. */
  foreign: string | null
}

/** A topology has the key `nodes` or `include` at the top, and none of the keys of other tools. A file that cannot be read is none. */
function readKind(directory: string, name: string): FoundFile {
  try {
    const text = readRegularFile(join(directory, name))
    const foreign = foreignKind(text)
    return { name, isTopology: /^(?:nodes|include):/m.test(text) && foreign === null, foreign }
  } catch (error) {
    if (error instanceof LabError) return { name, isTopology: false, foreign: null }
    throw error
  }
}
