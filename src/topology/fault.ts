// Faults of a topology are collected, so that all of them are told at once, each with its place in the file.
import { LabError, type TopologyIssue } from '../errors.js'

/** Where something stands in the file. Lines and columns count from 1. */
export interface Position {
  line: number
  column: number
}

/** A place in the file, as keys and indexes from its root. */
export type Path = readonly PropertyKey[]

/** Finds the place of a value, or of a key with `key`; the nearest one that exists. */
export type Locate = (path: Path, part?: 'key' | 'value') => Position

export class Faults {
  private readonly issues: TopologyIssue[] = []

  constructor(
    private readonly locate: Locate,
    private readonly file: string | undefined,
  ) {}

  add(path: Path, message: string, part: 'key' | 'value' = 'value'): void {
    this.addAt(this.locate(path, part), path, message)
  }

  addAt({ line, column }: Position, path: Path, message: string): void {
    this.issues.push({ line, column, path: path.map(String).join('.'), message })
  }

  /** @throws LabError TOPOLOGY_INVALID with every fault, in the order of the file, when there is one. */
  throwIfAny(): void {
    if (this.issues.length === 0) return
    const issues = this.issues.toSorted((a, b) => a.line - b.line || a.column - b.column)
    const count = issues.length === 1 ? 'a fault' : `${issues.length} faults`
    throw new LabError('TOPOLOGY_INVALID', `${this.file ?? 'the topology'} has ${count}`, {
      issues,
      ...(this.file === undefined ? {} : { file: this.file }),
    })
  }
}
