// CSV (RFC 4180): CRLF after each record; fields are quoted only where necessary, and quotes in them are doubled.

import { cellData } from '../cell.js'
import type { Sheet } from './sheet.js'

export function csv({ columns, rows }: Sheet): string {
  const records = [columns, ...rows.map((row) => columns.map((column) => cellData(row[column])))]
  return records.map((fields) => `${fields.map(quote).join(',')}\r\n`).join('')
}

const quote = (field: string): string => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)
