import { expect, test } from 'vitest'
import type { Check } from '../../../src/machine/check.js'
import type { Diagnosis } from '../../../src/machine/diagnosis.js'
import { doctorText } from '../../../src/present/doctor.js'

const fine: Check = { name: 'kernel', status: 'ok', detail: '6.12.9', cost: null, remedy: null, required: true }
const lost: Check = {
  name: 'link.vrf',
  status: 'missing',
  detail: 'this kernel lacks VRF (link kind vrf)',
  cost: 'no VRFs',
  remedy: 'use another',
  required: false,
}
const nodes = { fit: 12_345, limitedBy: 'memory', limits: [{ name: 'memory', nodes: 12_345 }] }

test('the verdict, then a row a check, with cost and remedy below what is not well', () => {
  const diagnosis: Diagnosis = { ok: true, checks: [fine, lost], nodes }
  const rule = '─'.repeat(56)
  expect(doctorText(diagnosis)).toBe(
    [
      'labs can be made here; about 12,345 nodes fit (limited by memory)',
      '',
      'CHECK     STATUS   FOUND',
      rule,
      'kernel    ok       6.12.9',
      'link.vrf  missing  this kernel lacks VRF (link kind vrf)',
      '                     cost: no VRFs',
      '                     remedy: use another',
      '',
      '2 checks: 1 ok, 0 limited, 1 missing',
    ].join('\n'),
  )
})

test('when no lab can be made, what stands in the way comes first', () => {
  const checks = [fine, lost, { ...lost, name: 'namespace.user', detail: 'EPERM\x1b[2J', required: true }]
  const lines = doctorText({ ok: false, checks, nodes: { ...nodes, fit: 0 } }).split('\n')
  expect(lines.slice(0, 3)).toEqual(['no lab can be made here:', '  namespace.user: EPERM\\x1b[2J', ''])
})
