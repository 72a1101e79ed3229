// Measures texts in a browser, whose fonts are not those of the table of widths. Where there is no Chromium, it is left out.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { drawLab } from '../../../../src/picture/draw.js'
import { shipped } from '../support.js'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)

/** Runs in the page: for each picture, the texts that are over a box or another text, or not within their own box. */
const MEASURE = `
const found = [...document.querySelectorAll('svg')].flatMap((svg) => {
  const box = (element) => {
    const { x, y, width, height } = element.getBBox()
    return { left: x, top: y + 1, right: x + width, bottom: y + height - 1 }
  }
  const overlap = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 1 && b.top < a.bottom - 1
  const within = (a, b) => a.left >= b.left && a.right <= b.right && a.top >= b.top - 1 && a.bottom <= b.bottom + 1
  const nodes = [...svg.querySelectorAll('.node')].map((node) => ({ node, ...box(node.querySelector('.box')) }))
  const texts = [...svg.querySelectorAll('text')].map((text) => ({ text, ...box(text) }))
  return texts.flatMap((one, number) => {
    const own = nodes.find(({ node }) => node.contains(one.text))
    const others = texts.slice(number + 1).filter((other) => overlap(one, other)).map(({ text }) => text.textContent)
    const over = own ? (within(one, own) ? [] : ['the edge of its box']) : nodes.filter((node) => overlap(one, node)).map(({ node }) => node.id)
    return [...others, ...over].map((other) => svg.querySelector('title').textContent + ': ' + one.text.textContent + ' over ' + other)
  })
})
document.body.textContent = 'measured ' + document.querySelectorAll('svg text').length + ' texts: ' + JSON.stringify(found)
`

test.skipIf(!CHROMIUM)(
  'in a browser, no text of a shipped topology is over a box or another text',
  async () => {
    const files = readdirSync(new URL('../../../../topologies/', import.meta.url)).filter((file) =>
      file.endsWith('.yaml'),
    )
    const pictures = []
    for (const file of files) pictures.push((await drawLab(shipped(file.slice(0, -'.yaml'.length)), 'svg')).content)
    const folder = mkdtempSync(join(tmpdir(), 'nslab-page-'))
    try {
      const page = join(folder, 'page.html')
      writeFileSync(page, `<!doctype html><meta charset="utf-8"><body>${pictures.join('')}<script>${MEASURE}</script>`)
      const words = [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        `--user-data-dir=${folder}`,
        '--dump-dom',
        `file://${page}`,
      ]
      const document = execFileSync(CHROMIUM as string, words, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: 90_000,
      })
      const [, count, found] = /measured (\d+) texts: (.*)<\/body>/.exec(document) ?? []
      expect(found).toBe('[]')
      expect(Number(count)).toBeGreaterThan(500)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
  120_000,
)
