// Every shipped topology comes up, every host reaches every other at once on both families, but for losses that the topology
// asks for, and nothing is left.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { Lab } from '../../dist/index.js'

const folder = new URL('../../topologies/', import.meta.url)

async function smoke(file) {
  const text = readFileSync(new URL(file, folder), 'utf8')
  const lab = await Lab.up(/^name:/m.test(text) ? text : `name: lab\n${text}`)
  try {
    for (const family of text.includes('families: [6]') ? [6] : [4, 6]) {
      const { sent, received } = await lab.pingAll({ family })
      assert.ok(sent > 0)
      // Of few pings, a loss of some per cent takes now and then several.
      if (/ loss: /.test(text)) assert.ok(received > sent / 2, `IPv${family}`)
      else assert.equal(received, sent, `IPv${family}`)
    }
  } finally {
    await lab.down()
  }
  assert.deepEqual(Lab.list(), [])
}

export const tests = Object.fromEntries(
  readdirSync(folder).flatMap((file) => (file.endsWith('.yaml') ? [[file, () => smoke(file)]] : [])),
)
