import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { csv } from '../../../../src/present/formats/csv.js'
import { FORMATS, formatRows } from '../../../../src/present/formats/format.js'
import { tsv } from '../../../../src/present/formats/tsv.js'
import { rowsOf, TABLES } from '../../../../src/present/tables.js'
import { sample } from '../sample.js'

const routes = rowsOf(sample, 'routes')

test('table: aligned columns below a rule, lists joined, nothing as a dash', () => {
  expect(formatRows('routes', routes, 'table')).toBe(
    [
      'node  family  destination  gateway      interface   metric  table  protocol  type     weight',
      '────────────────────────────────────────────────────────────────────────────────────────────',
      'h1    4       0.0.0.0/0    10.0.0.1, -  eth0, eth1  -       main   static    unicast  2, 1',
      'h1    6       fd00::/127   -            eth0        256     main   kernel    unicast  -',
      '',
    ].join('\n'),
  )
})

test('csv: RFC 4180, CRLF, quotes only where needed, null is empty', () => {
  expect(formatRows('routes', routes, 'csv')).toBe(
    [
      'node,family,destination,gateway,interface,metric,table,protocol,type,weight',
      'h1,4,0.0.0.0/0,"10.0.0.1,","eth0,eth1",,main,static,unicast,"2,1"',
      'h1,6,fd00::/127,,eth0,256,main,kernel,unicast,',
      '',
    ].join('\r\n'),
  )
})

test('tsv: one record a line', () => {
  expect(formatRows('links', rowsOf(sample, 'links'), 'tsv')).toBe(
    'a\tb\ttype\tstate\tmtu\temulation\tfrom_a\tfrom_b\nh1:eth0\tr1:eth0\tveth\tup\t1500\t\t\t\n',
  )
})

test('markdown', () => {
  expect(formatRows('links', rowsOf(sample, 'links'), 'markdown')).toBe(
    '| a | b | type | state | mtu | emulation | from_a | from_b |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n| h1:eth0 | r1:eth0 | veth | up | 1500 | - | - | - |\n',
  )
})

test('html is one complete document', () => {
  const text = formatRows('links', rowsOf(sample, 'links'), 'html')
  expect(text).toMatch(/^<!doctype html>\n<html lang="en">\n/)
  expect(text).toContain('<thead><tr><th>a</th><th>b</th><th>type</th><th>state</th><th>mtu</th><th>emulation</th>')
  expect(text).toContain(
    '<tr><td>h1:eth0</td><td>r1:eth0</td><td>veth</td><td>up</td><td>1500</td><td>-</td><td>-</td><td>-</td></tr>',
  )
  expect(text.endsWith('</html>\n')).toBe(true)
})

test.each(TABLES)('json and yaml give the %s rows back unchanged', (table) => {
  const rows = rowsOf(sample, table)
  expect(JSON.parse(formatRows(table, rows, 'json'))).toEqual(rows)
  expect(parse(formatRows(table, rows, 'yaml'))).toEqual(rows)
})

test.each(FORMATS)('an empty table is valid %s that ends with a line end', (format) => {
  const text = formatRows('links', [], format)
  expect(text.endsWith('\n')).toBe(true)
  if (format === 'json') expect(JSON.parse(text)).toEqual([])
  if (format === 'yaml') expect(parse(text)).toEqual([])
})

const hostile = rowsOf(sample, 'neighbours').map((row) => ({
  ...row,
  interface: 'a|b<i>"&\'*_\x1b[31m\u202ex\u009b',
}))

test('what a name holds cannot command the terminal, break the table or become markup', () => {
  for (const format of ['table', 'markdown', 'html'] as const) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    expect(formatRows('neighbours', hostile, format)).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
  }
  expect(formatRows('neighbours', hostile, 'table')).toContain('a|b<i>"&\'*_\\x1b[31m\\u202ex\\x9b')
  expect(formatRows('neighbours', hostile, 'markdown')).toContain('a\\|b\\<i\\>"\\&\'\\*\\_')
  expect(formatRows('neighbours', hostile, 'html')).toContain('a|b&lt;i&gt;&quot;&amp;&#39;*_')
})

const fields = fc.array(fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', '\t', '\\', ' ', 'é', '') }), {
  minLength: 2,
  maxLength: 4,
})

test('csv: any text comes back as it was', () => {
  fc.assert(
    fc.property(fields, fields, (first, second) => {
      const columns = first.map((_, index) => `c${index}`)
      const rows = [first, second].map((values) => Object.fromEntries(columns.map((c, i) => [c, values[i] ?? ''])))
      const text = csv({ title: 'links', columns, rows })
      expect(readCsv(text)).toEqual([columns, ...rows.map((row) => columns.map((column) => row[column]))])
    }),
  )
})

test('tsv: any text stays in its place and on its line', () => {
  fc.assert(
    fc.property(fields, (values) => {
      const columns = values.map((_, index) => `c${index}`)
      const row = Object.fromEntries(columns.map((column, index) => [column, values[index] ?? '']))
      const lines = tsv({ title: 'links', columns, rows: [row] }).split('\n')
      expect(lines).toHaveLength(3)
      const back = (lines[1] ?? '')
        .split('\t')
        .map((field) => field.replace(/\\(.)/g, (_, char) => UNESCAPED[char] ?? ''))
      expect(back).toEqual(values)
    }),
  )
})

const UNESCAPED: Record<string, string> = { '\\': '\\', t: '\t', n: '\n', r: '\r' }

/** A parser for CSV, character by character and as strict as the grammar of RFC 4180. */
function readCsv(text: string): string[][] {
  const records: string[][] = []
  let at = 0
  while (at < text.length) {
    const record: string[] = []
    for (;;) {
      let field = ''
      if (text[at] === '"') {
        for (at++; ; at++) {
          if (text[at] === undefined) throw new Error('quote is not closed')
          if (text[at] !== '"') field += text[at]
          else if (text[at + 1] === '"') field += text[at++]
          else break
        }
        at++
      } else {
        for (; at < text.length && text[at] !== ',' && text[at] !== '\r'; at++) {
          if (text[at] === '"' || text[at] === '\n') throw new Error('field is not quoted')
          field += text[at]
        }
      }
      record.push(field)
      if (text[at] !== ',') break
      at++
    }
    if (text.slice(at, at + 2) !== '\r\n') throw new Error(`record does not end with CRLF at ${at}`)
    at += 2
    records.push(record)
  }
  return records
}
