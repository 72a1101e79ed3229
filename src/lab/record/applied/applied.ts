// The topology that was applied to a lab last: a file in the lab's directory, which ends with it. From it follows what in the kernel
// is the lab's own, and what somebody else has made.
import { join } from 'node:path'
import { LabError } from '../../../errors.js'
import { readIfThere } from '../../../kernel/small-file.js'
import type { ResolvedTopology } from '../../../model/resolved.js'
import type { LabSource } from '../../../model/source/lab-source.js'
import type { ProcessIdentity } from '../../who/process-identity.js'
import { replaceFile } from '../state.js'

export interface AppliedRecord {
  version: 1
  /** Of the lab that the record is of. */
  keeper: ProcessIdentity
  /** With the ifindexes and link numbers that it has in the running lab. */
  topology: ResolvedTopology
  /**
   * What changes that are under way, or have not been completed, make of it; the newest first. What is left of them in the kernel is the
   * lab's own, until a change has been completed. Absent for none.
   */
  unfinished?: ResolvedTopology[]
  /** The highest ifindex that an interface of the lab's nodes ever had, without the wire's ends. */
  lastIndex: number
  /** The highest number that a link of the lab ever had; -1 for none. */
  lastLink: number
  /** What the topology was read from; absent for one that a program resolved. */
  source?: LabSource
}

/** The record of a new lab. */
export function firstRecord(
  topology: ResolvedTopology,
  { pid, startTime }: ProcessIdentity,
  source: LabSource | undefined,
): AppliedRecord {
  const indexes = topology.nodes.flatMap(({ interfaces }) => interfaces.map(({ index }) => index))
  return {
    version: 1,
    keeper: { pid, startTime },
    topology,
    lastIndex: indexes.reduce((highest, index) => Math.max(highest, index), 0),
    lastLink: topology.links.length - 1,
    ...(source === undefined ? {} : { source }),
  }
}

const fileIn = (directory: string): string => join(directory, 'applied.json')

/** Replaces the record atomically. @throws KernelError with the errno */
export function writeApplied(directory: string, record: AppliedRecord): void {
  replaceFile(fileIn(directory), JSON.stringify(record), 'write applied topology')
}

/**
 * The record of a running lab.
 *
 * @throws LabError STATE_REFUSED when there is none, as of a lab that an older nslab made, or when it is damaged
 */
export function readApplied({
  name,
  directory,
  state: { keeper },
}: {
  name: string
  directory: string
  state: { keeper: ProcessIdentity }
}): AppliedRecord {
  const refused = (reason: string): LabError =>
    new LabError('STATE_REFUSED', `lab ${name} cannot be changed: ${reason}`, {
      hint: `take it down with \`nslab down ${name}\`, and up again`,
    })
  const text = readIfThere(fileIn(directory))
  if (text === null) throw refused('an older nslab made it, which has not recorded its topology')
  const record = parsed(text)
  if (!isRecord(record)) throw refused(`${fileIn(directory)} is damaged, or of another version of nslab`)
  if (record.keeper.pid !== keeper.pid || record.keeper.startTime !== keeper.startTime)
    throw refused(`${fileIn(directory)} is of an earlier lab of this name`)
  return record
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isRecord(value: unknown): value is AppliedRecord {
  const { version, keeper, topology, unfinished = [], lastIndex, lastLink } = (value ?? {}) as Partial<AppliedRecord>
  return (
    version === 1 &&
    typeof keeper === 'object' &&
    isTopology(topology) &&
    Array.isArray(unfinished) &&
    unfinished.every(isTopology) &&
    Number.isSafeInteger(lastIndex) &&
    Number.isSafeInteger(lastLink)
  )
}

/** The file is the user's own and 0600: only whether it is whole is looked at. */
const isTopology = (value: Partial<ResolvedTopology> | undefined): boolean =>
  Array.isArray(value?.nodes) && Array.isArray(value.links) && typeof value.hosts === 'string'
