import { expect, test } from 'vitest'
import type { ScenarioEvent } from '../../../src/model/scenario-event.js'
import { eventText } from '../../../src/present/scenario.js'

const OF_STEP = { step: 1, line: 2, atMs: 1000 }

test.each<[string, ScenarioEvent]>([
  ['lab ring: 3 steps in 2.5 s', { event: 'started', lab: 'ring', times: 3, durationMs: 2500 }],
  [
    '  1.004 s down r1:eth1, h2',
    {
      event: 'changed',
      ...OF_STEP,
      action: 'down',
      targets: ['r1:eth1', 'h2'],
      warnings: [],
      timeMs: 1004.4,
      lateMs: 4.4,
    },
  ],
  [
    '  1.012 s set r1:eth1 delay=5ms loss=1% (12 ms late)\n            warning: what one should know',
    {
      ...{ event: 'changed', ...OF_STEP, action: 'set', targets: ['r1:eth1'] },
      ...{ words: { 'r1:eth1': ['delay=5ms', 'loss=1%'] }, warnings: ['what one should know'] },
      ...{ timeMs: 1012, lateMs: 12 },
    },
  ],
  [
    '  1.300 s exec h1: id -u; false: exit status 1\n            0\n            \\x1b[31mno',
    {
      ...{ event: 'command', ...OF_STEP, node: 'h1', command: ['/bin/sh', '-c', 'id -u; false'], exitCode: 1 },
      ...{ stdout: '0', stderr: '\x1b[31mno\n', startMs: 1000, timeMs: 1300, lateMs: 0 },
    },
  ],
  [
    '  3.000 s expect a → b: answered: FAILS: 0 of 1 answered, after 3 attempts (11 ms late)',
    {
      ...{ event: 'expectation', ...OF_STEP, expected: 'a → b: answered', outcome: '0 of 1 answered', held: false },
      ...{ attempts: 3, startMs: 1011, timeMs: 3000, lateMs: 11 },
    },
  ],
  [
    '  3.000 s expect a → b: answered: holds, at attempt 2',
    {
      ...{ event: 'expectation', ...OF_STEP, expected: 'a → b: answered', outcome: '1 of 1 answered', held: true },
      ...{ attempts: 2, startMs: 1000, timeMs: 3000, lateMs: 0 },
    },
  ],
  [
    '  3.000 s end: 1 of 2 expectations held, 1 step late',
    { event: 'ended', lab: 'ring', elapsedMs: 3000, late: 1, expectations: { checked: 2, held: 1 } },
  ],
  [
    '  3.000 s end: no expectations',
    { event: 'ended', lab: 'ring', elapsedMs: 3000, late: 0, expectations: { checked: 0, held: 0 } },
  ],
])('%s', (text, event) => expect(eventText(event)).toBe(text))
