// A YAML sequence with one mapping for each row, keys in column order.

import { stringify } from 'yaml'
import type { Sheet } from './sheet.js'

// Without aliases and line folding, the text of a row does not depend on the other rows.
export const yaml = ({ rows }: Sheet): string => stringify(rows, { aliasDuplicateObjects: false, lineWidth: 0 })
