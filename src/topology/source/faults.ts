// Collects the faults of a topology, so that all of them are reported at once, each with its place in the file.
import { LabError, type TopologyIssue } from '../../errors.js'
import type { Locate, Origin, Path } from './located.js'

/** More faults are not reported: the user mends these first. */
const MAX_FAULTS = 1000

/** Messages repeat texts of the file, which may be long. */
const MAX_LENGTH = 300

/** A fault, and all messages about it that differ only in numbers: a repeated description has the same fault in each node. */
interface FoundFault {
  issue: TopologyIssue
  messages: Set<string>
}

export class Faults {
  private readonly found = new Map<string, FoundFault>()
  /** Files in the order in which they were read. */
  private readonly files: (string | undefined)[]
  private isFollowUp: (path: Path) => boolean = () => false
  /** The parts of the expanded topology that have faults, those included that are not reported. */
  readonly parts: Path[] = []
  /** The places of faults that have no part of the expanded topology. */
  readonly origins: Origin[] = []

  constructor(
    private readonly locate: Locate,
    private readonly file: string | undefined,
    /** What messages call a text without a file. */
    private readonly noun = 'the topology',
  ) {
    this.files = [file]
  }

  /** @param part whether the fault is in the value at the path, or in its key */
  add(path: Path, message: string, part: 'key' | 'value' = 'value'): void {
    this.parts.push(path)
    if (this.isFollowUp(path)) return
    const { origin, missing } = this.locate(path, part)
    this.report(origin, message, missing)
  }

  /** @throws LabError TOPOLOGY_INVALID if there are too many faults to go on */
  addAt(origin: Origin, message: string): void {
    this.origins.push(origin)
    this.report(origin, message, [])
  }

  /** From now on, leaves out faults of parts that meet a condition: they may follow from those that are known. */
  leaveOut(isFollowUp: (path: Path) => boolean): void {
    this.isFollowUp = isFollowUp
  }

  /** @param missing the rest of the path, after that of the origin, which is not in the file */
  private report({ source, start, end, path, note, isBroken }: Origin, text: string, missing: Path): void {
    if (isBroken) return
    const { file } = source
    const position = source.position(start)
    const message = shortened(note === undefined ? text : `${text} (${note})`)
    const key = `${position.line}:${position.column}:${file ?? ''} ${message.replace(/[0-9]+/g, '#')}`
    const known = this.found.get(key)
    if (known) {
      known.messages.add(message)
      return
    }
    if (this.found.size >= MAX_FAULTS) this.throw(`over ${MAX_FAULTS} faults`)
    if (!this.files.includes(file)) this.files.push(file)
    const quote = source.quote(start, end)
    const issue: TopologyIssue = {
      ...(file === undefined ? {} : { file }),
      ...position,
      path: shortened([...(path === '' ? [] : [path]), ...missing.map(String)].join('.')),
      message,
      ...(quote === undefined ? {} : { quote }),
    }
    this.found.set(key, { issue, messages: new Set([message]) })
  }

  get isEmpty(): boolean {
    return this.found.size === 0
  }

  /** @throws LabError TOPOLOGY_INVALID with every fault, in the order of the files, if there is any */
  throwIfAny(): void {
    const { size } = this.found
    if (size > 0) this.throw(size === 1 ? 'a fault' : `${size} faults`)
  }

  /** Every fault, in the order of the files. */
  issues(): TopologyIssue[] {
    const issues = [...this.found.values()].map(({ issue, messages }) =>
      messages.size === 1 ? issue : { ...issue, message: `${issue.message}; and ${messages.size - 1} more like it` },
    )
    return issues.toSorted(
      (a, b) => this.files.indexOf(a.file) - this.files.indexOf(b.file) || a.line - b.line || a.column - b.column,
    )
  }

  private throw(count: string): never {
    throw new LabError('TOPOLOGY_INVALID', `${this.file ?? this.noun} has ${count}`, {
      issues: this.issues(),
      ...(this.file === undefined ? {} : { file: this.file }),
    })
  }
}

/** A long text loses its middle. */
function shortened(text: string): string {
  if (text.length <= MAX_LENGTH) return text
  return `${text.slice(0, MAX_LENGTH / 2)} … ${text.slice(-MAX_LENGTH / 2)}`
}
