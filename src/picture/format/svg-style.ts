// The style sheet of a picture. Colours of networks are those of M. Okabe and K. Ito (2008), which colour-blind people tell apart.
// No variables: several programs that draw SVG know none.
import type { PictureTheme } from '../../model/picture/options.js'

interface Palette {
  sheet: string
  ink: string
  faint: string
  line: string
  overlay: string
  alarm: string
  off: string
  group: string
  host: Paint
  router: Paint
  switch: Paint
  summary: Paint
  networks: readonly string[]
}

interface Paint {
  fill: string
  stroke: string
}

const LIGHT: Palette = {
  ...{ sheet: '#ffffff', ink: '#17212b', faint: '#4a5763', line: '#6b7885', overlay: '#8a3b8f', alarm: '#b3261e' },
  ...{ off: '#eceff1', group: '#f6f8fa' },
  host: { fill: '#eaf3fc', stroke: '#2b6cb0' },
  router: { fill: '#fff3e0', stroke: '#b45f06' },
  switch: { fill: '#e3f4ef', stroke: '#1b7a5a' },
  summary: { fill: '#f1f3f5', stroke: '#4a5763' },
  networks: ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#b8860b', '#7a4fbf', '#4a5763'],
}

const DARK: Palette = {
  ...{ sheet: '#0f1720', ink: '#e8eef4', faint: '#a9b6c3', line: '#8595a5', overlay: '#d9a0de', alarm: '#ff8a80' },
  ...{ off: '#1f2932', group: '#151f2a' },
  host: { fill: '#13263b', stroke: '#6fb1f2' },
  router: { fill: '#33240f', stroke: '#f0a94a' },
  switch: { fill: '#0f2e26', stroke: '#4cc9a0' },
  summary: { fill: '#1b2530', stroke: '#a9b6c3' },
  networks: ['#4db4f0', '#ff8f4a', '#3ecf9f', '#e8a3c8', '#8fd0f7', '#e0b84a', '#b49aea', '#a9b6c3'],
}

const PROPORTIONAL = `system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif`
const MONOSPACED = `ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace`

/** Paper is white: what is printed is light, but for `dark`. */
export function styleOf(theme: PictureTheme): string {
  switch (theme) {
    case 'light':
      return [...SHAPES, ...colours(LIGHT)].join('\n')
    case 'dark':
      return [...SHAPES, ...colours(DARK)].join('\n')
    case 'auto':
      return [
        ...SHAPES,
        ...colours(LIGHT),
        '@media screen and (prefers-color-scheme: dark) {',
        ...colours(DARK).map((rule) => `  ${rule}`),
        '}',
      ].join('\n')
    default:
      return theme satisfies never
  }
}

const SHAPES = [
  `.nslab text { font-family: ${PROPORTIONAL}; font-size: 11px; }`,
  '.nslab .name { font-size: 13px; font-weight: bold; }',
  '.nslab .caption { font-size: 12px; font-weight: bold; }',
  `.nslab .end, .nslab .middle, .nslab .key { font-family: ${MONOSPACED}; font-size: 10px; }`,
  '.nslab .key { font-size: 11px; }',
  '.nslab .end, .nslab .middle { paint-order: stroke; stroke-width: 3px; stroke-linejoin: round; }',
  '.nslab .line, .nslab .sample { fill: none; stroke-width: 1.6px; stroke-linejoin: round; stroke-linecap: round; }',
  '.nslab .network { stroke-width: 2.4px; }',
  '.nslab .overlay { stroke-width: 2px; stroke-dasharray: 8 5; }',
  '.nslab .down { stroke-dasharray: 2 5; }',
  '.nslab .box { stroke-width: 1.6px; }',
  '.nslab .dead .box { stroke-dasharray: 3 3; }',
  '.nslab .paused .box { stroke-dasharray: 9 4; }',
  '.nslab .icon { fill: none; stroke-width: 1.4px; stroke-linejoin: round; stroke-linecap: round; }',
  '.nslab .group rect { stroke-width: 1.2px; stroke-dasharray: 1 3; stroke-linecap: round; }',
]

function colours(palette: Palette): string[] {
  const { sheet, ink, faint, line, overlay, alarm, off, group, networks } = palette
  const kinds = (['host', 'router', 'switch', 'summary'] as const).flatMap((kind) => [
    `.nslab .${kind} .box { fill: ${palette[kind].fill}; stroke: ${palette[kind].stroke}; }`,
    `.nslab .${kind} .icon { stroke: ${palette[kind].stroke}; }`,
  ])
  return [
    `.nslab .sheet { fill: ${sheet}; }`,
    `.nslab text { fill: ${ink}; }`,
    `.nslab .detail { fill: ${faint}; }`,
    `.nslab .end, .nslab .middle { fill: ${faint}; stroke: ${sheet}; }`,
    `.nslab .middle { fill: ${ink}; }`,
    `.nslab .line, .nslab .sample { stroke: ${line}; }`,
    ...networks.map((colour, number) => `.nslab .network-${number} { stroke: ${colour}; }`),
    `.nslab .overlay { stroke: ${overlay}; }`,
    `.nslab .down { stroke: ${alarm}; }`,
    ...kinds,
    `.nslab .dead .box, .nslab .paused .box { fill: ${off}; }`,
    `.nslab .dead .box, .nslab .dead .icon { stroke: ${alarm}; }`,
    `.nslab .dead .name { fill: ${faint}; }`,
    `.nslab .state { fill: ${alarm}; }`,
    `.nslab .group rect { fill: ${group}; stroke: ${faint}; }`,
    `.nslab .caption { fill: ${faint}; }`,
  ]
}
