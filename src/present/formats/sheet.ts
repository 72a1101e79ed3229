// The rows of one table, as every format takes them.
import type { Cell, TableName } from '../tables.js'

/** What every format is given: columns in order, and rows that have them as keys. */
export interface Sheet {
  title: TableName
  columns: readonly string[]
  rows: readonly Record<string, Cell>[]
}
