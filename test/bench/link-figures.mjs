// Writes measured figures into docs/link-emulation.md, between the comments `figures: BACKEND` and `end of figures`.
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, release } from 'node:os'

const PAGE = new URL('../../docs/link-emulation.md', import.meta.url)

/** @param results rows of the benchmark by backend. Figures of other backends stay. */
export function writeFigures(results) {
  let page = readFileSync(PAGE, 'utf8')
  for (const [backend, rows] of Object.entries(results)) {
    const place = new RegExp(`(<!-- figures: ${backend} -->\n)[^]*?(<!-- end of figures -->)`)
    if (!place.test(page)) throw new Error(`docs/link-emulation.md has no place for figures of ${backend}`)
    page = page.replace(place, (_, begin, end) => `${begin}${tableOf(backend, rows)}${end}`)
  }
  writeFileSync(PAGE, page)
}

function tableOf(backend, rows) {
  const day = new Date().toISOString().slice(0, 10)
  const load = `load average ${loadavg()[2].toFixed(1)} in the last 15 minutes`
  const machine = `Linux ${release()}, ${availableParallelism()} processors, ${load}`
  const lines = rows.map(({ what, unit, value, target, met }) => {
    const figure = `${Number(value.toPrecision(3))} ${unit}`
    return `| ${what.replace(`${backend}: `, '')} | ${figure} | ${target ?? ''} | ${met === null ? '' : met ? 'yes' : 'no'} |`
  })
  return [
    `Measured on ${day}, ${machine}:`,
    '',
    '| what | measured | target | met |',
    '| --- | --- | --- | --- |',
    ...lines,
    '',
    '',
  ].join('\n')
}
