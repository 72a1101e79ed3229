// Tests topologies: each is brought up under a name of its own, checked, and taken down.
import { KernelError, LabError } from '../../errors.js'
import { Lab } from '../../lab/lab.js'
import type { TestedLab } from '../../model/reach/test-report.js'
import { checkedLab } from '../../present/checks/report.js'
import { messageOf } from '../../present/document.js'
import { type Loaded, loadSource, type TopologyFlags } from '../input/source.js'

export interface TestOptions {
  flags: TopologyFlags
  /** The most labs at a time. */
  jobs: number
  /** Whether the labs of failed checks are left running. */
  keepOnFailure: boolean
  signal: AbortSignal
  onWarning: (warning: string) => void
  /** Called as soon as a file has been tested. */
  onTested: (lab: TestedLab) => void
}

/** A tested file, and the failure behind its status. */
export interface Tested {
  lab: TestedLab
  failure: LabError | null
}

/**
 * Tests files, some at a time, and returns their results in the order of the files.
 *
 * @throws the signal's reason when aborted, after all labs are down; LabError INTERNAL
 */
export async function testFiles(files: readonly string[], options: TestOptions): Promise<Tested[]> {
  const results: Tested[] = []
  const left = [...files.entries()]
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, file] = next
      const tested = await testFile(file, index, options)
      results[index] = tested
      options.onTested(tested.lab)
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: Math.min(options.jobs, files.length) }, worker))
  options.signal.throwIfAborted()
  for (const each of ended) if (each.status === 'rejected') throw each.reason
  return results
}

async function testFile(file: string, index: number, options: TestOptions): Promise<Tested> {
  options.signal.throwIfAborted()
  const began = performance.now()
  const fields = (name: string) => ({
    ...{ lab: name, file, passed: 0, failed: 0, elapsedMs: Math.round(performance.now() - began), results: [] },
    ...{ error: null, skipped: null, issues: [], kept: null },
  })
  let loaded: Loaded
  try {
    loaded = loadSource(file, options.flags)
  } catch (error) {
    const failure = invalidity(error)
    const issues = (failure.issues ?? []).map(({ quote, ...issue }) => issue)
    return { lab: { ...fields(file), status: 'invalid', error: failure.message, issues }, failure }
  }
  const { name, checks } = loaded.topology
  if (checks === undefined) return { lab: { ...fields(name), status: 'unchecked' }, failure: null }
  try {
    return { lab: { ...(await testLoaded(loaded, index, options)), lab: name, file }, failure: null }
  } catch (error) {
    options.signal.throwIfAborted()
    if (!(error instanceof LabError)) throw error
    const isLacking = error instanceof KernelError && error.code === 'FEATURE_MISSING'
    if (isLacking) return { lab: { ...fields(name), status: 'skipped', skipped: told(error) }, failure: null }
    return { lab: { ...fields(name), status: 'error', error: told(error) }, failure: error }
  }
}

/** Brings a lab up, checks it, and takes it down again, whatever happens. */
async function testLoaded({ topology, source }: Loaded, index: number, options: TestOptions): Promise<TestedLab> {
  const { keepOnFailure, signal, onWarning } = options
  const began = performance.now()
  const name = testName(topology.name, index)
  // A lab that does not persist ends with this process, even if that is killed.
  const lab = await Lab.up({ ...topology, name }, { persist: keepOnFailure, source, signal, onWarning })
  let isKept = false
  try {
    const tested = checkedLab(await lab.check({ signal }))
    isKept = keepOnFailure && tested.status === 'failed'
    return { ...tested, elapsedMs: Math.round(performance.now() - began), kept: isKept ? name : null }
  } finally {
    if (!isKept) await lab.down()
  }
}

/** The longest name of a lab. */
const LONGEST = 63

/** A name that no other lab has, not even one of the same file in another run. */
function testName(name: string, index: number): string {
  const tail = `-test-${process.pid}-${index + 1}`
  return `${name.slice(0, LONGEST - tail.length)}${tail}`
}

const told = (error: LabError): string => (error.hint === undefined ? error.message : `${error.message}; ${error.hint}`)

/** @throws what is no fault of a file */
function invalidity(error: unknown): LabError {
  if (error instanceof LabError && ['TOPOLOGY_INVALID', 'FILE_UNREADABLE'].includes(error.code)) return error
  if (error instanceof LabError) throw error
  throw new LabError('INTERNAL', messageOf(error), { cause: error })
}
