// What the wire does with a link: no command of iproute2 does the same, so it is said as a comment. Pure text.
import type { Direction } from '../../model/impairment.js'
import type { WireLinkSet } from '../emulation/ops.js'

export function wireNote({ ends, emulation }: WireLinkSet): string {
  const parts = emulation.directions.map((direction, from) => {
    const what = keysOf(direction)
    return what.length === 0 ? [] : [`${ends[from]} sends with ${what.join(', ')}`]
  })
  return [
    '# nslab’s own wire carries frames between',
    `${ends.join(' and ')}:`,
    parts.flat().join('; ') || 'unchanged',
  ].join(' ')
}

const keysOf = ({ impairment, sources = [] }: Direction): string[] => {
  const { delayNs, ...rest } = impairment ?? {}
  return [
    ...(delayNs === undefined ? [] : ['delay']),
    ...Object.keys(rest),
    ...(sources.length === 0 ? [] : [`others from ${sources.map(({ station }) => station).join(', ')}`]),
  ]
}
