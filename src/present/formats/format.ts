// Writes the rows of a table in one of the export formats. Each format has its own file; this one only chooses.

import { COLUMNS, type Rows, type TableName } from '../tables.js'
import { csv } from './csv.js'
import { html } from './html.js'
import { json } from './json.js'
import { markdown } from './markdown.js'
import type { Sheet } from './sheet.js'
import { table as textTable } from './table.js'
import { tsv } from './tsv.js'
import { yaml } from './yaml.js'

export const FORMATS = ['table', 'csv', 'tsv', 'json', 'yaml', 'markdown', 'html'] as const
export type Format = (typeof FORMATS)[number]

const WRITERS: Record<Format, (sheet: Sheet, columns?: number) => string> = {
  table: textTable,
  csv,
  tsv,
  json,
  yaml,
  markdown,
  html,
}

/**
 * The whole text for a file or standard output, with a line end after the last line.
 *
 * @param columns the greatest width of the format `table`
 */
export const formatRows = <Table extends TableName>(
  table: Table,
  rows: readonly Rows[Table][],
  format: Format,
  columns?: number,
): string => WRITERS[format]({ title: table, columns: COLUMNS[table], rows }, columns)
