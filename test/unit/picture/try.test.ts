import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'vitest'
import { ascii } from '../../../src/picture/format/ascii/ascii.js'
import { graphOf } from '../../../src/picture/graph/graph.js'
import { options, viewOf } from './support.js'

test('try', () => {
  const cols = Number(process.env.COLS ?? 80)
  const files = process.env.T
    ? process.env.T.split(',')
    : readdirSync('topologies')
        .filter((f) => f.endsWith('.yaml'))
        .map((f) => f.slice(0, -5))
  for (const f of files) {
    const view = viewOf(readFileSync(f.includes('/') ? f : `topologies/${f}.yaml`, 'utf8'))
    const o = options({ columns: cols, labels: (process.env.L ?? 'all') as any, plain: process.env.P === '1' })
    try {
      console.log(`${f}\n${ascii(graphOf(view, o), o)}`)
    } catch (e) {
      console.log(f, (e as Error).message)
    }
  }
})
