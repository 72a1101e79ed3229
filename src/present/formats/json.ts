// A JSON array with one object for each row, keys in column order.
import type { Sheet } from './sheet.js'

export const json = ({ rows }: Sheet): string => `${JSON.stringify(rows, null, 2)}\n`
