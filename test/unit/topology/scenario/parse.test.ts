import { describe, expect, test } from 'vitest'
import { LabError } from '../../../../src/errors.js'
import { checkTopology } from '../../../../src/topology/check.js'
import { addUnknownNames } from '../../../../src/topology/scenario/names.js'
import { isScenario, parseScenario } from '../../../../src/topology/scenario/parse.js'
import { Faults } from '../../../../src/topology/source/faults.js'

/** The faults, as `LINE:COLUMN MESSAGE`. */
function faultsOf(action: () => unknown): string[] {
  try {
    action()
  } catch (error) {
    if (error instanceof LabError && error.issues)
      return error.issues.map(({ line, column, message }) => `${line}:${column} ${message}`)
    throw error
  }
  return []
}

const faultsIn = (text: string) => faultsOf(() => parseScenario(text))

describe('a scenario', () => {
  test('has steps with their times', () => {
    const { lab, durationMs, steps } = parseScenario(`
lab: ring
steps:
  - { at: 1.5s, down: r1:eth1 }
  - { every: 2s, from: 1s, until: 7s, up: [r1:eth1, r2] }
  - { every: 500ms, count: 3, pause: all }
  - { at: 1m30s, resume: [all, h1] }
`)
    expect([lab, durationMs]).toEqual(['ring', 90_000])
    expect(steps.map(({ times, action }) => [times, action])).toEqual([
      [
        { firstMs: 1500, everyMs: 0, count: 1 },
        { action: 'down', endpoints: ['r1:eth1'] },
      ],
      [
        { firstMs: 1000, everyMs: 2000, count: 4 },
        { action: 'up', endpoints: ['r1:eth1', 'r2'] },
      ],
      [
        { firstMs: 0, everyMs: 500, count: 3 },
        { action: 'pause', nodes: null },
      ],
      [
        { firstMs: 90_000, everyMs: 0, count: 1 },
        { action: 'resume', nodes: ['all', 'h1'] },
      ],
    ])
  })

  test('ends with its duration, which also ends what is repeated', () => {
    const { durationMs, steps } = parseScenario('duration: 10s\nsteps: [{ every: 3s, exec: { node: a, command: id } }]')
    expect([durationMs, steps[0]?.times.count]).toEqual([10_000, 4])
  })

  test('sets impairments in the words of links', () => {
    const text =
      'steps: [{ at: 0s, set: { a:eth0: { delay: 10ms, jitter: { amount: 1ms, distribution: normal }, loss: none, queue: 5 } } }]'
    expect(parseScenario(text).steps[0]?.action).toEqual({
      action: 'set',
      changes: [
        {
          endpoint: 'a:eth0',
          words: ['delay=10ms', 'jitter.amount=1ms', 'jitter.distribution=normal', 'loss=none', 'queue=5'],
        },
      ],
    })
  })

  test('expects a ping, or what a command says', () => {
    const { steps } = parseScenario(`steps:
  - { at: 0s, expect: { from: a, to: b } }
  - { at: 0s, expect: { from: a, to: b, count: 5, rtt: { least: 1ms, most: 1s }, within: 2s } }
  - { at: 0s, expect: { node: a, command: ip route, output: default } }
  - { at: 0s, expect: { node: a, command: [test, -e, /x], status: 1 } }`)
    expect(steps.map(({ action }) => action)).toMatchObject([
      { withinMs: 0, expected: { from: 'a', to: 'b', result: 'answered', count: 1, timeoutMs: 1000 } },
      { withinMs: 2000, expected: { count: 5, rttMs: { least: 1, most: 1000 } } },
      { expected: { command: ['/bin/sh', '-c', 'ip route'], status: 0, output: 'default' } },
      { expected: { command: ['test', '-e', '/x'], status: 1, output: null } },
    ])
  })

  test('has variables, and steps that are repeated', () => {
    const text = `
vars: { slow: 20ms }
steps:
  - { at: "{i}s", set: { "r{i}:eth0": { delay: "\${slow}" } }, repeat: 2 }
`
    const steps = (set: Record<string, string>) =>
      parseScenario(text, { set }).steps.map(({ times, action }) => [times.firstMs, JSON.stringify(action)])
    expect(steps({ slow: '1s' })).toEqual([
      [1000, expect.stringContaining('"r1:eth0","words":["delay=1s"]')],
      [2000, expect.stringContaining('"r2:eth0","words":["delay=1s"]')],
    ])
    expect(() => steps({ slwo: '1s' })).toThrow('did you mean slow?')
  })
})

describe('faults are told with their places, all at once', () => {
  test('of shape', () => {
    expect(
      faultsIn(`
duration: 1
steps:
  - { at: 5, down: r1:eth1 }
  - { at: 1s, dwon: r1:eth1 }
  - { at: 1s, set: { r1:eth1: { dealy: 5ms } } }
  - { at: 1s, set: { r1:eth1: { delay: 5, loss: 101% } } }
  - { at: -1s, up: r1:eth1:x }
  - { at: 1s, expect: { from: a, to: b, result: maybe } }
  - { at: 8d, expect: { from: a, to: b, within: soon } }`),
    ).toEqual([
      '2:11 1 is not a time such as 5s, 1.5s, 500ms or 1m30s',
      '4:11 5 is not a time such as 5s, 1.5s, 500ms or 1m30s',
      '5:15 unknown key dwon; did you mean down?',
      '6:33 unknown key dealy; did you mean delay?',
      '7:40 5 has no unit: a time is written like 10ms, 100us or 1.5s',
      expect.stringMatching(/^7:49 101% /),
      '8:11 a time in a scenario is 0s to 7d, which -1s is not',
      '8:20 r1:eth1:x is not NODE:INTERFACE, or NODE with one link',
      '9:49 expected answered or lost, got "maybe"',
      '10:11 a time in a scenario is 0s to 7d, which 8d is not',
      '10:49 soon is not a time such as 5s, 1.5s, 500ms or 1m30s',
    ])
  })

  test('of what does not go together', () => {
    expect(
      faultsIn(`
steps:
  - { at: 1s, up: r1:eth1, down: r1:eth1 }
  - { every: 2s, up: r1:eth1 }
  - { at: 2s }
  - { down: x }
  - { at: 2s, every: 1s, down: x }
  - { at: 2s, until: 3s, down: x }
  - { every: 2s, from: 3s, until: 1s, down: x }
  - { at: 2s, set: {} }
  - { at: 2s, set: { x: {} } }
  - { at: 2s, expect: {} }
  - { at: 2s, expect: { from: h1, to: h2, output: x } }
  - { at: 2s, expect: { node: h1, result: lost } }
  - { at: 2s, expect: { from: h1, to: h2, result: lost, rtt: { most: 3ms } } }
  - { at: 2s, expect: { from: h1, to: h2, rtt: { least: 3ms, most: 2ms } } }`),
    ).toMatchInlineSnapshot(`
      [
        "3:15 a step does one thing, here down: write up as a step of its own",
        "4:14 this has no end: add \`until\` or \`count\`, or a \`duration\` of the whole",
        "5:5 the step does nothing: it needs one of set, clear, down, up, pause, resume, exec, expect",
        "6:5 the step has no time: it needs \`at\`, such as \`at: 5s\`, or \`every\`",
        "7:22 a step has \`at\` or \`every\`, not both",
        "8:22 \`until\` goes with \`every\`, not with \`at\`",
        "9:35 1s is before 3s, the first time",
        "10:20 an endpoint is missing",
        "11:25 x is left as it is: write what changes",
        "12:23 this expects nothing: a ping has \`from\` and \`to\`, a command has \`node\` and \`command\`",
        "13:43 \`output\` is of a command, with \`node\` and \`command\`; an expectation is of one or the other",
        "14:23 the \`command\` for h1 is missing",
        "14:35 \`result\` is of a ping, with \`from\` and \`to\`; an expectation is of one or the other",
        "15:62 an answer has a round-trip time, and none is expected",
        "16:68 2ms is less than 3ms, the least",
      ]
    `)
  })

  test('of addresses', () => {
    const to = (text: string) => faultsIn(`steps:\n  - { at: 1s, expect: { from: a, to: "${text}" } }`)
    const right = ['192.0.2.1', '2001:db8::1', 'fe80::1%eth0', '::ffff:192.0.2.1', 'b', '12', 'b:eth0', 'b-eth0']
    expect(right.flatMap(to)).toEqual([])
    const wrong = ['999.1.1.1', '192.0.2', '192.0.2.1/24', '2001:db8::g', '1:2:3', '2001:db8::1%', 'b:eth0:1']
    expect(wrong.flatMap(to)).toEqual(wrong.map((text) => `2:38 ${text} is not an address`))
  })

  test('of both kinds', () => {
    expect(
      faultsIn('steps:\n  - { at: 1s, dwon: a }\n  - { every: 1s, down: a }\n  - { at: 1, down: a, up: a }'),
    ).toEqual([
      '2:15 unknown key dwon; did you mean down?',
      '3:14 this has no end: add `until` or `count`, or a `duration` of the whole',
      '4:11 1 is not a time such as 5s, 1.5s, 500ms or 1m30s',
    ])
  })

  test('of times', () => {
    expect(faultsIn('duration: 1s\nsteps: [{ at: 2s, down: x }]')).toEqual([
      '2:15 2s is after the `duration` of the whole',
    ])
    expect(faultsIn('duration: 1m\nsteps: [{ every: 1ms, down: x }, { every: 1ms, up: x }]')).toEqual([
      '2:8 the steps are done 120002 times together; at most 100000 are possible',
    ])
  })

  test('of files that are none', () => {
    expect(faultsIn('')).toEqual(['1:1 the file is empty; a scenario has `steps:`'])
    expect(faultsIn('steps:\n\t- x')).toEqual(['2:2 YAML is indented by blanks, not by tabs'])
    expect(faultsIn('lab: x\nsteps: []')).toEqual(['2:8 a scenario has at least one step'])
    expect(faultsIn('steps: down')).toEqual(['1:8 expected a list, got "down"'])
    expect(faultsIn('[]')).toEqual(['1:1 expected a map, got a list'])
  })

  test('of names that the lab does not have', () => {
    const scenario = parseScenario(`steps:
  - { at: 0s, down: [r1:eth1, r1, r3] }
  - { at: 0s, set: { "r1:eth2": { delay: 1ms } } }
  - { at: 0s, pause: [h1, h2] }
  - { at: 0s, exec: { node: h2, command: id } }
  - { at: 0s, expect: { from: h1, to: x } }
  - { at: 0s, expect: { from: h1, to: 10.0.0.1 } }
  - { at: 0s, expect: { from: h1, to: r1-eth0 } }`)
    const names = new Map([
      ['h1', ['eth0']],
      ['r1', ['eth0', 'eth1']],
    ])
    const faults = new Faults(scenario.locate, undefined)
    addUnknownNames(scenario, names, faults)
    expect(faultsOf(() => faults.throwIfAny())).toEqual([
      '2:31 r1 has 2 links; write one of: r1:eth0, r1:eth1',
      '2:35 the lab has no node r3; did you mean r1?',
      '3:22 r1 has no link at eth2; did you mean r1:eth0?',
      '4:27 the lab has no node h2; did you mean h1?',
      '5:29 the lab has no node h2; did you mean h1?',
      '6:39 the lab has no node x; its nodes: h1, r1',
    ])
  })
})

describe('in a topology', () => {
  const check = (scenario: string) =>
    checkTopology(`name: pair\nnodes: { a: {}, b: {} }\nlinks: [[a, b]]\n${scenario}`, {}, {})

  test('names are those of the topology', () => {
    expect(faultsOf(() => check('scenario: [{ at: 1s, down: a:eth0 }, { at: 2s, up: a }]'))).toEqual([])
    expect(
      faultsOf(() => check('scenario:\n  steps:\n    - { at: 1s, down: a:eth1 }\n    - { at: 1s, pause: c }')),
    ).toEqual(['6:23 a has no link at eth1; did you mean a:eth0?', '7:24 the lab has no node c; its nodes: a, b'])
  })

  test('faults of its shape are told with those of the rest', () => {
    const text = 'nodes: { a: { kind: hots } }\nscenario: [{ at: 1s, dwon: a }]'
    expect(faultsOf(() => checkTopology(text, {}, {}))).toEqual([
      expect.stringContaining('1:21 '),
      '2:22 unknown key dwon; did you mean down?',
    ])
  })

  test('is no scenario in a file of its own', () => {
    expect(isScenario('scenario:\n  steps: []\nnodes: {}')).toBe(false)
    expect(isScenario('nodes: { steps: {} }')).toBe(false)
    expect(isScenario('lab: x\nsteps: []')).toBe(true)
    expect(isScenario('{"lab": "x", "steps": []}')).toBe(true)
    expect(isScenario('steps: [')).toBe(true)
  })
})
