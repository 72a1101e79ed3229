// Rows as a YAML sequence, one mapping a row, keys in column order.

import { stringify } from 'yaml'
import type { Sheet } from './sheet.js'

// Without aliases and line folding every row reads the same, whatever the others hold.
export const yaml = ({ rows }: Sheet): string => stringify(rows, { aliasDuplicateObjects: false, lineWidth: 0 })
