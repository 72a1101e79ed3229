import { expect, test } from 'vitest'
import type { Difference } from '../../../../src/model/change/lab-change.js'
import { changeText } from '../../../../src/present/change/text.js'
import { PLAIN } from '../../../../src/present/fault.js'

test('more differences than a call may have arguments', () => {
  const differences = Array.from(
    { length: 200_000 },
    (_, at): Difference => ({ kind: 'add', node: 'h1', part: 'route', name: `${at}` }),
  )
  const text = changeText({ lab: 'lab', equal: false, differences, restarts: [] }, PLAIN)
  expect(text.endsWith('\n  + route  199999')).toBe(true)
})
