// What gives nodes back what they had, in a model of the kernel: after each part of a change that was carried out and not undone.
import { expect, test } from 'vitest'
import { restoring } from '../../../../src/plan/change/restoring.js'
import { ModelLab } from '../../../support/kernel-model/lab.js'
import { pictureOf } from '../../../support/kernel-model/picture.js'
import { resolve } from '../../topology/support.js'

const FROM = `
name: lab
nodes: { a: { kind: router, sysctls: { net.ipv4.ip_default_ttl: 77 } }, b: { kind: router }, c: {} }
links: [[a, b], [b, c]]
`
/** The pair of a and b is made anew with other names, and b has more. */
const TO = `
name: lab
nodes:
  a: { kind: router, sysctls: { net.ipv4.ip_default_ttl: 78 } }
  b: { kind: router, interfaces: { dum0: { kind: dummy, addresses: [192.0.2.1/32] } } }
  c: {}
links: [["a:eth0", "c:eth1"], { endpoints: [b, c], mtu: 1400 }]
`

test('what is left of a change is taken back, and what is missing comes back', () => {
  const lab = new ModelLab(resolve(FROM))
  const before = pictureOf(lab.kernel)
  const { observed } = lab.input(resolve(TO))
  const plan = lab.change(resolve(TO))
  lab.execute(plan.first)
  const { ops, differences } = restoring(observed, lab.input(resolve(TO)).observed, lab.done)
  expect(differences).toEqual(expect.arrayContaining(['b: interface dum0 is left']))
  for (const op of ops) lab.kernel.perform(op)
  // What went down with an interface.
  for (const op of restoring(observed, lab.input(resolve(TO)).observed, lab.done).ops) lab.kernel.perform(op)
  expect(pictureOf(lab.kernel)).toEqual(before)
  expect(restoring(observed, lab.input(resolve(TO)).observed, lab.done)).toEqual({ ops: [], differences: [] })
})

test('what somebody else has made meanwhile stays', () => {
  const lab = new ModelLab(resolve(FROM))
  const { observed } = lab.input(resolve(FROM))
  lab.kernel.perform({
    ...{ op: 'address.add', node: 'a', interface: 'lo', index: 1, family: 4 },
    ...{ address: '203.0.113.1/32', noDad: false },
  })
  expect(restoring(observed, lab.input(resolve(FROM)).observed, [])).toEqual({ ops: [], differences: [] })
})
