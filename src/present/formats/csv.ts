// CSV as RFC 4180 defines it: CRLF after every record, quotes doubled, and only where they are needed.

import { cellData } from '../cell.js'
import type { Sheet } from './sheet.js'

export function csv({ columns, rows }: Sheet): string {
  const records = [columns, ...rows.map((row) => columns.map((column) => cellData(row[column])))]
  return records.map((fields) => `${fields.map(quote).join(',')}\r\n`).join('')
}

const quote = (field: string): string => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)
