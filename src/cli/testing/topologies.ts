// Finds the topologies that `nslab test` is given: files, and the topologies in directories.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from '../../errors.js'
import { isScenario } from '../../topology/scenario/parse.js'
import { readText } from '../input/read-input.js'

/**
 * Files as they are named; of a directory, the files `*.yaml` and `*.yml` in it, sorted, but for scenarios.
 *
 * @throws LabError USAGE for a directory without topologies
 */
export function topologiesIn(paths: readonly string[]): string[] {
  const files = paths.flatMap((path) => (isDirectory(path) ? topologiesOf(path) : [path]))
  return [...new Set(files)]
}

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

function topologiesOf(directory: string): string[] {
  const names = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && /\.ya?ml$/.test(entry.name))
    .map(({ name }) => join(directory, name))
  const found = names.sort().filter((file) => !isScenarioFile(file))
  if (found.length > 0) return found
  throw new LabError('USAGE', `directory ${directory} has no topology`, {
    hint: 'a topology is called *.yaml or *.yml',
  })
}

/** A file that cannot be read is tested, which says why. */
function isScenarioFile(file: string): boolean {
  try {
    return isScenario(readText(file))
  } catch (error) {
    if (error instanceof LabError) return false
    throw error
  }
}
