// Tab-separated values, one line for each record. Tabs, line ends and backslashes in a field become backslash escapes (the "Linear
// TSV" convention, also the text format of PostgreSQL's COPY), so that cut(1) and awk(1) always work.

import { cellData } from '../cell.js'
import type { Sheet } from './sheet.js'

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

export function tsv({ columns, rows }: Sheet): string {
  const records = [columns, ...rows.map((row) => columns.map((column) => cellData(row[column])))]
  return records.map((fields) => `${fields.map(escapeField).join('\t')}\n`).join('')
}

const escapeField = (field: string): string => field.replace(/[\\\t\n\r]/g, (char) => ESCAPES[char] ?? char)
