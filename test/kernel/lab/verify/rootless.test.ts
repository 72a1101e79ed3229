// An ordinary user measures the links of a lab of his own, which both the kernel and the wire impair.
import { expect, test } from 'vitest'
import { uniqueName } from '../../../support/lab.js'
import { TestUser } from '../../../support/user.js'

// h1 ── h2, h1 ── h3
test('link verify needs no privilege', () => {
  using alice = new TestUser(61_325)
  const name = uniqueName('rootless')
  const input = `
name: ${name}
nodes: { h1: {}, h2: {}, h3: {} }
links:
  - { endpoints: [h1, h2], delay: 10ms, loss: 10%, emulation: wire }
  - { endpoints: [h1, h3], rate: 10mbit }
`
  expect(alice.nslab(['up', '-'], { input })).toMatchObject({ status: 0 })
  try {
    const words = ['link', 'verify', '--all', '--duration', '2', '--tolerance', '1', '--json']
    const { status, stderr, json } = alice.nslab(words)
    expect({ status, stderr }).toMatchObject({ status: 0 })
    const verdicts = json().directions.map(({ tests }: any) => tests.map(({ verdict }: any) => verdict))
    expect(verdicts.flat()).not.toContain('differs')
    expect(verdicts).toHaveLength(4)
  } finally {
    alice.nslab(['down', name])
  }
})
