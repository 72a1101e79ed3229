// Of several equal ways, `why` follows the one that the packet takes.
import { expect, onTestFinished } from 'vitest'
import { Lab } from '../../../../src/index.js'
import { resolveTopology } from '../../../../src/topology/resolve.js'
import { parseTopology } from '../../../../src/topology/source/parse.js'
import { test, uniqueName } from '../../../support/lab.js'

//             ┌─ a ─┐
//  h1 ── r1 ──┤     ├── r2 ── h2
//             └─ b ─┘
const DIAMOND = `
nodes: { h1: {}, h2: {}, r1: { kind: router }, a: { kind: router }, b: { kind: router }, r2: { kind: router } }
links: [[h1, r1], [r1, a], [r1, b], [a, r2], [b, r2], [r2, h2]]`

test.skipIf(process.getuid?.() !== 0)(
  'a router is named if packets go over it, and only then',
  async ({ stateDirectory: _ }) => {
    const lab = await Lab.up(resolveTopology(parseTopology(`name: ${uniqueName('why2')}\n${DIAMOND}`)))
    onTestFinished(() => lab.down())
    const forward = (node: string, family: 4 | 6, value: 0 | 1) =>
      lab
        .node(node)
        .exec(['sysctl', '-qw', `net.ipv${family}.${family === 4 ? 'ip_forward' : 'conf.all.forwarding'}=${value}`])
    const named: string[] = []
    for (const family of [4, 6] as const)
      for (const node of ['a', 'b']) {
        await forward(node, family, 0)
        const { received } = await lab.node('h1').ping('h2', { family, count: 2, timeoutMs: 300 })
        const { works, cause } = await lab.node('h1').why('h2', { family })
        const expected = received > 0 ? [true, undefined, undefined] : [false, 'forwarding-off', node]
        expect([works, cause?.code, cause?.node]).toEqual(expected)
        if (received === 0) named.push(`${family}${node}`)
        await forward(node, family, 1)
      }
    // The answer may take the other way than the request.
    expect(named.filter((each) => each.startsWith('4')).length).toBeGreaterThan(0)
    expect(named.filter((each) => each.startsWith('6')).length).toBeGreaterThan(0)
  },
)
