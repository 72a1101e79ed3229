// The fixtures `lab` and `node`: a lab for each test, or one for a whole file or worker.
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { type TestAPI, test } from 'vitest'
import { readSource } from '../cli/input/source.js'
import { LabError } from '../errors.js'
import { Lab } from '../lab/lab.js'
import type { LabNode } from '../lab/lab-node.js'
import type { ResolvedTopology } from '../model/resolved.js'
import { checkTopology } from '../topology/check.js'

export interface LabFixtures {
  lab: Lab
  /** The node of this name. @throws LabError NODE_NOT_FOUND. */
  node: (name: string) => LabNode
}

/** A file, relative to the working directory if it is a relative path, with values for its variables. */
export interface TopologyFile {
  file: string | URL
  set?: Record<string, string | number>
}

export interface LabTestOptions {
  /**
   * How long a lab lives: for one test, for all tests of a file, or for all files of a worker that import the same `labTest(…)`, if
   * Vitest does not isolate files. `test` by default.
   */
  scope?: 'test' | 'file' | 'worker'
}

/**
 * Vitest's `test` with a lab. The lab is built for the first test that takes `lab` or `node`, and taken down at the end of its scope;
 * it ends with the worker process, even if that is killed. Its name is that of the topology with an ending of its own, so that workers
 * can build labs of the same topology side by side.
 *
 * @param topology the text of a topology, a file, or what `resolveTopology` gives
 */
export function labTest(
  topology: string | TopologyFile | ResolvedTopology,
  { scope = 'test' }: LabTestOptions = {},
): TestAPI<LabFixtures> {
  return test.extend<LabFixtures>({
    lab: [
      // biome-ignore lint/correctness/noEmptyPattern: vitest reads a fixture's dependencies from the pattern
      async ({}, use) => {
        const lab = await up(topology)
        try {
          await use(lab)
        } finally {
          await lab.down()
        }
      },
      { scope },
    ],
    node: [async ({ lab }, use) => use((name) => lab.node(name)), { scope }],
  })
}

/** @throws Error with all that the LabError says, since Vitest prints the message alone */
async function up(topology: string | TopologyFile | ResolvedTopology): Promise<Lab> {
  try {
    return await Lab.up(named(resolved(topology)))
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    const faults = (error.issues ?? []).map(({ file = error.file, line, column, message }) => {
      return `  ${file === undefined ? '' : `${file}:`}${line}:${column}: ${message}`
    })
    const lines = [error.message, ...faults, ...(error.hint === undefined ? [] : [`hint: ${error.hint}`])]
    throw new Error(lines.join('\n'), { cause: error })
  }
}

function resolved(topology: string | TopologyFile | ResolvedTopology): ResolvedTopology {
  if (typeof topology === 'string') return checkTopology(topology, {}, {})
  if (!('file' in topology)) return topology
  const { file, set = {} } = topology
  const values = Object.entries(set).map(([name, value]) => `${name}=${value}`)
  return readSource(file instanceof URL ? fileURLToPath(file) : file, { set: values }).topology
}

/** The longest name of a lab. */
const LONGEST = 63

/** The process is in the name, so that a lab that is seen in `nslab ls` has a worker. Threads of a process differ in the rest. */
function named(topology: ResolvedTopology): ResolvedTopology {
  const ending = `-${process.pid}-${randomBytes(4).toString('hex')}`
  return { ...topology, name: `${topology.name.slice(0, LONGEST - ending.length)}${ending}` }
}
