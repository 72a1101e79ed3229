// The text of a change: what differs between a topology and a running lab, a line each, grouped by node.
import type { LabChange } from '../model/lab-change.js'
import type { Palette } from './fault.js'

/** @param columns the greatest width of a line */
export function changeText(change: LabChange, _palette: Palette, _columns = Number.POSITIVE_INFINITY): string {
  const SIGNS = { add: '+', remove: '-', change: '~', foreign: '?' }
  return change.differences
    .map((d) => `${SIGNS[d.kind]} ${d.node ?? ''} ${d.part} ${d.name} ${d.from ?? ''} ${d.to ?? ''} ${d.note ?? ''}`)
    .join('\n')
}
