import { expect, test } from 'vitest'
import type { Explanation } from '../../../../src/model/reach/explanation.js'
import { explanationText } from '../../../../src/present/reach/explanation.js'

const DEAD: Explanation = {
  ...{ from: 'h1', to: 'h2', address: '10.0.0.3', family: 4, port: { protocol: 'tcp', port: 80 }, size: null },
  ...{ works: false, sentence: 'h1 cannot reach TCP port 80 of h2: h2 is dead, and nothing listens', back: [] },
  cause: {
    ...{ code: 'node-dead', node: 'h2', interface: null, evidence: 'ss -lnt in h2 shows no socket on port 80' },
    ...{ remedy: null, command: 'nslab node restart lab/h2' },
  },
  forward: [
    {
      ...{ node: 'h1', arrivesBy: null, leavesBy: 'eth0', gateway: '10.0.0.1' },
      findings: [{ about: 'route', ok: true, text: '10.0.0.3 via 10.0.0.1 dev eth0' }],
    },
  ],
}

test('the text ends with the sentence, what proves it, and the whole command line', () => {
  expect(explanationText(DEAD)).toBe(`h1 → h2 (10.0.0.3)
  h1  out eth0, to 10.0.0.1
    ✓ route: 10.0.0.3 via 10.0.0.1 dev eth0

h1 cannot reach TCP port 80 of h2: h2 is dead, and nothing listens
  ss -lnt in h2 shows no socket on port 80
mend it with: nslab node restart lab/h2`)
})

test('what a file or a kernel says shows no control characters', () => {
  expect(explanationText({ ...DEAD, sentence: 'a\x1b[2Jb' })).toContain('a\\x1b[2Jb')
})
