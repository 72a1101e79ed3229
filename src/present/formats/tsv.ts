// Tab-separated values, one record a line: tabs, line ends and backslashes inside a field are backslash escapes
// (the "Linear TSV" convention, also PostgreSQL's COPY text format), so that `cut` and `awk` always work.

import { cellData } from '../cell.js'
import type { Sheet } from './sheet.js'

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

export function tsv({ columns, rows }: Sheet): string {
  const records = [columns, ...rows.map((row) => columns.map((column) => cellData(row[column])))]
  return records.map((fields) => `${fields.map(escapeField).join('\t')}\n`).join('')
}

const escapeField = (field: string): string => field.replace(/[\\\t\n\r]/g, (char) => ESCAPES[char] ?? char)
