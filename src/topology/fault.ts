// Faults of a topology are collected, so that all of them are told at once, each with its place in the file.
import { LabError, type TopologyIssue } from '../errors.js'
import type { Origin } from './located.js'

/** A place in a topology, as keys and indexes from its root. */
export type Path = readonly PropertyKey[]

/** Where a value is written, or its key with `key`; the nearest thing that exists, and what of the path is not there. */
export type Locate = (path: Path, part?: 'key' | 'value') => { origin: Origin; missing: Path }

export class Faults {
  private readonly issues: TopologyIssue[] = []
  /** Files in the order in which they were read. */
  private readonly files: (string | undefined)[]

  constructor(
    private readonly locate: Locate,
    private readonly file: string | undefined,
  ) {
    this.files = [file]
  }

  add(path: Path, message: string, part: 'key' | 'value' = 'value'): void {
    const { origin, missing } = this.locate(path, part)
    this.addAt(origin, message, missing)
  }

  /** @param missing what comes after the origin's own path, because it is not there */
  addAt({ source, start, end, path, note, isBroken }: Origin, message: string, missing: Path = []): void {
    if (isBroken) return
    const { file } = source
    const position = source.position(start)
    if (!this.files.includes(file)) this.files.push(file)
    const quote = source.quote(start, end)
    this.issues.push({
      ...(file === undefined ? {} : { file }),
      ...position,
      path: [...(path === '' ? [] : [path]), ...missing.map(String)].join('.'),
      message: note === undefined ? message : `${message} (${note})`,
      ...(quote === undefined ? {} : { quote }),
    })
  }

  /** @throws LabError TOPOLOGY_INVALID with every fault, in the order of the files, when there is one. */
  throwIfAny(): void {
    if (this.issues.length === 0) return
    const issues = collapsed(this.issues).toSorted(
      (a, b) => this.files.indexOf(a.file) - this.files.indexOf(b.file) || a.line - b.line || a.column - b.column,
    )
    const count = issues.length === 1 ? 'a fault' : `${issues.length} faults`
    throw new LabError('TOPOLOGY_INVALID', `${this.file ?? 'the topology'} has ${count}`, {
      issues,
      ...(this.file === undefined ? {} : { file: this.file }),
    })
  }
}

const placeOf = ({ file, line, column }: TopologyIssue): string => `${line}:${column}:${file ?? ''}`

/** One description that is used often goes wrong often: the first is told, the others are counted. */
function collapsed(issues: readonly TopologyIssue[]): TopologyIssue[] {
  const groups = new Map<string, { first: TopologyIssue; messages: Set<string> }>()
  for (const issue of issues) {
    const key = `${placeOf(issue)} ${issue.message.replace(/[0-9]+/g, '#')}`
    const group = groups.get(key) ?? { first: issue, messages: new Set() }
    groups.set(key, group)
    group.messages.add(issue.message)
  }
  return [...groups.values()].map(({ first, messages }) =>
    messages.size === 1 ? first : { ...first, message: `${first.message}; and ${messages.size - 1} more like it` },
  )
}
