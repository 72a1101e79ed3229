// Checks of a topology: what they resolve to, and where their faults are told.
import { expect, test } from 'vitest'
import { buildPlan } from '../../../../src/plan/build.js'
import { checkTopology } from '../../../../src/topology/check.js'

const LAB = `nodes: { h1: {}, h2: {}, sw: { kind: switch } }
links: [[h1, sw], [h2, sw]]
`
const resolved = (checks: string) => checkTopology(`${LAB}${checks}`, {}, {})

/** Each fault, behind the word at its place. */
function faultsOf(checks: string): string[] {
  try {
    resolved(checks)
    return []
  } catch (error) {
    return (error as { issues: any[] }).issues.map(({ line, column, message }) => {
      const quoted = `${LAB}${checks}`.split('\n')[line - 1]?.slice(column - 1)
      return `${/^[^\s,}]+/.exec(quoted ?? '')?.[0]} | ${message}`
    })
  }
}

test('patterns become names, without switches, and limits numbers', () => {
  expect(resolved('checks: [{ ping: { from: "*", to: h2, rtt: "< 5ms" } }]\nwithin: 2s').checks).toEqual({
    withinMs: 2000,
    checks: [
      {
        ...{ kind: 'ping', from: ['h1', 'h2'], to: ['h2'], family: null, rttBelowMs: 5, lossAtMost: 0, count: 3 },
        ...{ text: 'ping * -> h2, rtt < 5ms', line: 3 },
      },
    ],
  })
})

test('a topology without checks resolves to the same as before, and one with checks to the same plan', () => {
  expect(resolved('')).not.toHaveProperty('checks')
  const withChecks = resolved('checks: [{ ping: h1 -> h2 }]')
  expect(buildPlan(withChecks, new Set())).toEqual(buildPlan(resolved(''), new Set()))
})

test.each([
  ['{ ping: h1 -> h3 }', 'h1 | the lab has no node h3; did you mean h1?'],
  ['{ ping: { from: "x*", to: h2 } }', '"x*" | no node fits x*; its nodes: h1, h2, sw'],
  ['{ ping: { from: "s*", to: h2 } }', '"s*" | only switches fit s*, which cannot be pinged'],
  ['{ ping: h1 -> h1 }', 'h1 | h1 would reach itself: a check is about two nodes'],
  ['{ ping: h1, to: h2 }', 'to: | unknown key to; there are ping, unreachable, tcp, udp, path, route, exec'],
  ['{ ping: { from: h1, to: h2, loss: 101 } }', '101 | a loss is 0 to 100 percent'],
  ['{ ping: { from: h1, to: h2, rtt: 5ms } }', '5ms | "5ms" is not an upper limit such as "< 5ms"'],
  ['{ tcp: "h1 -> h2:70000" }', '"h1 | 70000 is no port: a port is 1 to 65535'],
  ['{ tcp: { from: h1, to: h2, port: 0 } }', '0 | a port is 1 to 65535'],
  ['{ exec: { node: h1, run: ls, stdout: "/(/" } }', '"/(/" | /(/ is no regular expression: /(/: Unterminated group'],
  [
    '{ route: { node: h1, to: 10.0.0.1/24 } }',
    '10.0.0.1/24 | 10.0.0.1/24 has bits beside its prefix; did you mean 10.0.0.0/24?',
  ],
  [
    '{ ping: h1 -> h2, tcp: "h1 -> h2:80" }',
    'tcp: | a check is about one thing, here ping: write tcp as a check of its own',
  ],
])('%s', (check, fault) => expect(faultsOf(`checks: [${check}]`)).toContain(fault))

test('a time that is none is told at its place', () => {
  expect(faultsOf('checks: [{ ping: h1 -> h2 }]\nwithin: soon')).toEqual([
    'soon | soon is not a time such as 10s, 500ms or 1m30s',
  ])
})
