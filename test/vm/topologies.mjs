// Every shipped topology comes up, every host reaches every other at once on both families, and nothing is left.
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
      assert.equal(received, sent, `IPv${family}`)
    }
  } finally {
    await lab.down()
  }
  assert.deepEqual(Lab.list(), [])
}

export const tests = Object.fromEntries(readdirSync(folder).map((file) => [file, () => smoke(file)]))
