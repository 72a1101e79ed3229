// A complete HTML document with one table; no scripts and no external resources.

import { cellText } from '../cell.js'
import { printable } from '../printable.js'
import type { Sheet } from './sheet.js'

const STYLE =
  'body{font-family:sans-serif}table{border-collapse:collapse}th,td{border:1px solid #999;padding:.2em .6em;text-align:left}'

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export function html({ title, columns, rows }: Sheet): string {
  const line = (tag: 'th' | 'td', cells: readonly string[]) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`
  return [
    '<!doctype html>',
    '<html lang="en">',
    `<head><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head>`,
    '<body>',
    '<table>',
    `<caption>${escapeHtml(title)}</caption>`,
    `<thead>${line('th', columns)}</thead>`,
    '<tbody>',
    ...rows.map((row) =>
      line(
        'td',
        columns.map((column) => cellText(row[column])),
      ),
    ),
    '</tbody>',
    '</table>',
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

const escapeHtml = (text: string): string => printable(text).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)
