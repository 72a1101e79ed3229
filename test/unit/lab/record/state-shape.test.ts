import { expect, test } from 'vitest'
import { isLabState } from '../../../../src/lab/record/state-shape.js'

const STATE = {
  version: 1,
  lab: 'l',
  status: 'running',
  rootless: false,
  keeper: { pid: 7, startTime: 1 },
  nodes: [],
  cgroup: null,
  links: [],
  linkIndexes: [],
}
const END = { endpoint: 'a:eth0', nexthops: [], routes: [], neighbours: [] }
/** Body of an RTM_NEWADDR without attributes. */
const message = Buffer.alloc(8).toString('base64')

test('an end that is down may have addresses, which older states do not have', () => {
  const isState = (...down: unknown[]) => isLabState({ ...STATE, down })
  expect(isState(END, { ...END, addresses: [] }, { ...END, addresses: [{ message, seenAt: 5 }] })).toBe(true)
  for (const address of [message, { message }, { message: 'AA==', seenAt: 5 }, { message, seenAt: 'now' }, null])
    expect(isState({ ...END, addresses: [address] })).toBe(false)
})
