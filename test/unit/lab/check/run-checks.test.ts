import { expect, test } from 'vitest'
import { LabError } from '../../../../src/errors.js'
import type { CheckProbes } from '../../../../src/lab/check/probes.js'
import { runChecks } from '../../../../src/lab/check/run-checks.js'
import type { RunningLab } from '../../../../src/lab/record/select.js'
import type { Check } from '../../../../src/model/reach/check.js'
import type { PortReport } from '../../../../src/model/reach/port-report.js'

const LAB = {} as RunningLab
const tcp = (to: string): Check => ({
  ...{ kind: 'tcp', from: ['h1'], to: [to], port: 80, family: null, text: `tcp ${to}`, line: 1 },
})

/** A port of h2 that is open, and one of h3 of which the probe fails. */
const probes = (failure: Error): CheckProbes => ({
  probePort: async (_, to) => {
    if (to === 'h3') throw failure
    return { state: 'open' } as PortReport
  },
  tracePath: () => Promise.reject(failure),
  explainPath: () => Promise.reject(failure),
})

test.each([
  [new SyntaxError('Unexpected token g'), 'the check cannot be made: SyntaxError: Unexpected token g'],
  [new LabError('INTERNAL', 'the helper ended'), 'the helper ended'],
])('a check that cannot be made fails, and the others have their results: %s', async (failure, reason) => {
  const results = await runChecks(LAB, { withinMs: 0, checks: [tcp('h3'), tcp('h2')] }, probes(failure))
  expect(results.map(({ text, passed, reason }) => [text, passed, reason])).toEqual([
    ['tcp h3', false, reason],
    ['tcp h2', true, null],
  ])
})

test('the checks of a lab that is down are rejected', async () => {
  const failure = new LabError('LAB_NOT_FOUND', 'the lab is down')
  await expect(runChecks(LAB, { withinMs: 0, checks: [tcp('h3')] }, probes(failure))).rejects.toBe(failure)
})
