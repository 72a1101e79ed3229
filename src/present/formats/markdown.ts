// A table in GitHub-flavoured Markdown; characters of a cell that Markdown would interpret are escaped.

import { cellText } from '../cell.js'
import { printable } from '../printable.js'
import type { Sheet } from './sheet.js'

export function markdown({ columns, rows }: Sheet): string {
  const cells = rows.map((row) => columns.map((column) => escapeCell(cellText(row[column]))))
  return [columns, columns.map(() => '---'), ...cells].map((fields) => `| ${fields.join(' | ')} |\n`).join('')
}

const escapeCell = (text: string): string => printable(text.replace(/[\\`*_<>[\]|~&]/g, '\\$&'))
