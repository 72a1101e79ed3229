// Every shipped topology comes up, its picture is that of the file, every host reaches every other at once on both families, but
// for losses that the topology asks for, and nothing is left.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { drawLab, Lab, parseTopology, resolveTopology, viewOfResolved } from '../../dist/index.js'

const folder = new URL('../../topologies/', import.meta.url)

async function smoke(file) {
  const text = readFileSync(new URL(file, folder), 'utf8')
  const named = /^name:/m.test(text) ? text : `name: lab\n${text}`
  const lab = await Lab.up(named)
  try {
    const drawn = async (view) => (await drawLab(view, 'dot')).content
    // Those that name files of the machine are drawn by the tests of the command.
    if (!/ (?:files|mounts): /.test(text))
      assert.equal(
        await drawn(await lab.inspect([])),
        await drawn(viewOfResolved(resolveTopology(parseTopology(named)))),
      )
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
