import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PICTURE_LABELS } from '../../../../src/model/picture/options.js'
import { graphOf } from '../../../../src/picture/graph/graph.js'
import { layoutSheet } from '../../../../src/picture/layout/layout-sheet.js'
import { options, shipped } from '../support.js'
import { CLEAN, measure } from './overlaps.js'

const names = readdirSync(new URL('../../../../topologies/', import.meta.url)).flatMap((file) =>
  file.endsWith('.yaml') ? [file.slice(0, -'.yaml'.length)] : [],
)

test.each(names)('nothing is over anything in the picture of %s, and no line crosses more than it must', (name) => {
  const view = shipped(name)
  for (const labels of PICTURE_LABELS) {
    const wanted = options({ labels })
    const sheet = layoutSheet(graphOf(view, wanted), wanted)
    const { crossings, ...found } = measure(sheet)
    expect(found, labels).toEqual(CLEAN)
    expect(sheet.warnings, labels).toEqual([])
    expect(crossings, labels).toBeLessThanOrEqual(CROSSINGS[name] ?? 0)
  }
})

/** A complete bipartite graph of two and three nodes has one crossing at least if they are in two rows, and three here. */
const CROSSINGS: Readonly<Record<string, number>> = { 'leaf-spine': 3 }
