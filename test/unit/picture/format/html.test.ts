import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { expect, test } from 'vitest'
import { drawLab } from '../../../../src/picture/draw.js'
import { html } from '../../../../src/picture/format/html.js'
import { runs } from '../../../support/effort.js'
import { graph, node } from '../drawn.js'
import { shipped } from '../support.js'
import { oddGraph } from './odd.js'

const page = async () => (await drawLab(shipped('sites'), 'html')).content as string

test('the page needs nothing else, and its policy lets nothing else in', async () => {
  const text = await page()
  expect(text.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|src=|@import|url\(|<link/)
  expect(text).toContain(`content="default-src 'none';`)
})

test('the picture and its tables are there', async () => {
  const text = await page()
  expect(text.match(/<svg /g)).toHaveLength(1)
  expect(text).toContain(
    '<tr><td>gw1</td><td>router</td><td>planned</td><td>lo 10.255.0.1/32, lo fd00:ffff::1/128</td></tr>',
  )
  expect(text).toContain('<td>gw1:east 10.0.0.0/31 fd00::/127</td><td>gw2:west 10.0.0.1/31 fd00::1/127</td>')
})

test('the script is one', async () => {
  const [, script = ''] = /<script>([\s\S]*?)<\/script>/.exec(await page()) ?? []
  expect(() => new Function(script)).not.toThrow()
  expect(script).toContain('wheel')
})

test('texts are what they were, whatever they are', () => {
  fc.assert(
    fc.property(oddGraph, (graph) => {
      const cells = cellsOf(html(graph, '<svg viewBox="0 0 1 1"/>'))
      for (const { id, lines } of graph.nodes) {
        expect(cells).toContain(id)
        expect(cells).toContain(lines[1])
      }
      for (const { labels } of graph.edges) expect(cells).toContain(labels[0])
    }),
    runs(100),
  )
})

/** The tables are XML, too. */
function cellsOf(text: string): string[] {
  const cells: string[] = []
  let cell: string | null = null
  const parser = new SaxesParser()
  parser.on('opentag', ({ name }) => {
    if (name === 'td') cell = ''
  })
  parser.on('text', (part) => {
    if (cell !== null) cell += part
  })
  parser.on('closetag', ({ name }) => {
    if (name === 'td') cells.push(cell ?? '')
    cell = null
  })
  parser.on('error', (error) => {
    throw error
  })
  parser.write(`<page>${[...text.matchAll(/<table>[\s\S]*?<\/table>/g)].join('')}</page>`).close()
  return cells
}

test('the table of nodes has their titles', () => {
  const nodes = [node('a', { lines: ['Gateway', 'a', 'lo 10.255.0.1/32'] }), node('b')]
  const text = html(graph(nodes, []), '<svg viewBox="0 0 1 1"/>')
  expect(text).toContain('<th scope="col">Title</th>')
  expect(text).toContain('<tr><td>a</td><td>Gateway</td><td>host</td><td>running</td><td>lo 10.255.0.1/32</td></tr>')
  expect(text).toContain('<tr><td>b</td><td></td><td>host</td><td>running</td><td></td></tr>')
})
