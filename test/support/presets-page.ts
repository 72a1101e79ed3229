// docs/link-presets.md, from the table of presets.
import { LINK_PRESETS, SOURCES } from '../../src/topology/values/link-presets.js'

export function presetsPage(): string {
  const rows = Object.entries(LINK_PRESETS).map(([name, { delay, jitter, loss, rate, source }]) => [
    `\`${name}\``,
    delay,
    jitter,
    loss,
    rate?.up,
    rate?.down,
    source,
  ])
  const table = [
    ['preset', 'delay', 'jitter', 'loss', 'up', 'down', 'source'],
    ['---', '---', '---', '---', '---', '---', '---'],
    ...rows,
  ]
  return [
    '# Presets of links',
    '',
    'Values of `preset` ([links.md](links.md#presets)). Delays are one way. `up` is what the first end of a link, the user’s, sends at;',
    '`down` is what it is sent at. `npm run docs` writes this page from src/topology/values/link-presets.ts.',
    '',
    ...table.map((cells) => `| ${cells.map((cell) => cell ?? '').join(' | ')} |`),
    '',
    '## Sources',
    '',
    ...Object.entries(SOURCES).map(([name, text]) => `- ${name}: ${text}`),
    '',
    'Figures of a source are averages of their time. A constant loss is no model of Starlink, whose delay and rate change every 15',
    'seconds (arXiv 2310.09242): change the link while the lab runs for that.',
    '',
  ].join('\n')
}
