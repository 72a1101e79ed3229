// The input of every export format.
import type { Cell, TableName } from '../tables.js'

/** One table: columns in order, and rows whose keys are the columns. */
export interface Sheet {
  title: TableName
  columns: readonly string[]
  rows: readonly Record<string, Cell>[]
}
