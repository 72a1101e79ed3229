// What two states of a lab say of its links.
import { expect, test } from 'vitest'
import { impairmentEvents } from '../../../../src/lab/watch/state-events.js'

const NONE = { impairment: null }
const delayed = (ms: number) => ({ impairment: { delayNs: ms * 1_000_000 } })
const state = (links: [string, string][], directions: object[][]): any => ({
  links,
  emulations: directions.map((pair) =>
    pair.length === 0 ? null : { backend: 'wire', emulation: { directions: pair } },
  ),
})
const LINK: [string, string] = ['h1:eth0', 'h2:eth0']
const OTHER: [string, string] = ['h2:eth1', 'h3:eth0']

test('a link is found by its ends, wherever the list has it', () => {
  const before = state([LINK, OTHER], [[delayed(5), NONE], []])
  const after = state([OTHER, LINK], [[], [delayed(5), NONE]])
  expect(impairmentEvents(before, after)).toEqual([])
})

test('added, changed, removed, each direction by itself', () => {
  const plain = state([LINK], [[]])
  const five = state([LINK], [[delayed(5), NONE]])
  const both = state([LINK], [[delayed(9), delayed(5)]])
  expect(impairmentEvents(plain, five)).toMatchObject([
    { action: 'add', node: 'h1', from: 'h1:eth0', to: 'h2:eth0', emulation: 'wire' },
  ])
  expect(impairmentEvents(five, both)).toMatchObject([
    { action: 'change', from: 'h1:eth0' },
    { action: 'add', from: 'h2:eth0', was: { impairments: null, emulation: null } },
  ])
  // A link that is gone does nothing any more.
  expect(impairmentEvents(five, state([], []))).toMatchObject([
    { action: 'remove', from: 'h1:eth0', impairments: null },
  ])
})
