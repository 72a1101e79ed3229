// Words of a command change one direction of a link, or one pair of a LAN, and leave the rest of it alone.
import { expect, test } from 'vitest'
import type { LinkEmulation } from '../../../../src/model/impairment.js'
import { changeLink, type LinkChange } from '../../../../src/topology/emulation/change-link.js'
import { directionText, impairmentText } from '../../../../src/topology/emulation/impairment-text.js'

const A = { name: 'a:eth0', macs: ['02:00:00:00:00:0a', '02:00:00:00:00:1a'] }
const B = { name: 'b:eth0', macs: ['02:00:00:00:00:0b'] }
const END = { side: 1, ends: ['c:eth0', 'lan:eth2'], mtu: 1500 } as const

function change(
  before: LinkEmulation | null,
  words: string,
  more: Partial<LinkChange> & { side?: 0 | 1 } = {},
): LinkEmulation {
  const { side = 1, ...rest } = more
  const changed = changeLink(
    before,
    { words: words.split(' ').filter((word) => word !== ''), isCleared: false, ...rest },
    { ...END, side },
  )
  if ('faults' in changed) throw new Error(changed.faults.join('\n'))
  return changed.emulation
}

/** `SHARED` stands behind the impairments of a pair that shares the rate of its link. */
const pairsOf = ({ directions }: LinkEmulation): string[] =>
  (directions[1].sources ?? []).map(
    ({ mac, impairment, sharesRate }) =>
      `${mac.slice(-2)} ${impairment ? impairmentText(impairment) : 'none'}${sharesRate ? ' SHARED' : ''}`,
  )

test('the other direction, and who is to emulate the link, stay', () => {
  const first = change(null, 'delay=5ms', { side: 0 })
  const both = change({ ...first, backend: 'wire' }, 'loss=1%')
  expect(both.backend).toBe('wire')
  expect(both.directions.map(directionText)).toEqual(['delay 5ms', 'loss 1%'])
  expect(change(both, '', { isCleared: true }).directions.map(directionText)).toEqual(['delay 5ms', null])
  expect(change(both, 'delay=1ms', { isCleared: true }).directions.map(directionText)).toEqual([
    'delay 5ms',
    'delay 1ms',
  ])
})

test('a pair has what its link has, until it is changed; then it keeps it', () => {
  const link = change(null, 'delay=10ms')
  const pair = change(link, 'loss=2%', { station: A })
  expect(pairsOf(pair)).toEqual(['0a delay 10ms loss 2%', '1a delay 10ms loss 2%'])
  expect(pairsOf(change(pair, 'delay=1ms'))).toEqual(['0a delay 10ms loss 2%', '1a delay 10ms loss 2%'])
  const two = change(pair, 'delay=3ms', { station: B })
  expect(pairsOf(two)).toEqual(['0a delay 10ms loss 2%', '1a delay 10ms loss 2%', '0b delay 3ms'])
  expect(pairsOf(change(two, '', { station: A, isCleared: true }))).toEqual(['0b delay 3ms', '0a none', '1a none'])
  expect(change(two, '', { isCleared: true }).directions[1]).toEqual({ impairment: null })
})

test('a pair shares the rate of its link, unless it has one of its own', () => {
  const link = change(null, 'rate=10mbit queue=50')
  const pair = change(link, 'delay=2ms', { station: B })
  expect(pairsOf(pair)).toEqual(['0b delay 2ms rate 10mbit limit 50p SHARED'])
  expect(pairsOf(change(pair, 'rate=20mbit'))).toEqual(['0b delay 2ms rate 20mbit limit 50p SHARED'])
  expect(pairsOf(change(pair, 'rate=none queue=none'))).toEqual(['0b delay 2ms'])
  const own = change(pair, 'rate=1mbit', { station: B })
  expect(pairsOf(own)).toEqual(['0b delay 2ms rate 1mbit limit 50p'])
  expect(pairsOf(change(own, 'rate=20mbit'))).toEqual(['0b delay 2ms rate 1mbit limit 50p'])
  expect(() => change(pair, 'queue=5', { station: B })).toThrow('shares the rate and the queue')
})

test('where netem is demanded, what it does not do is refused, and what it does badly is warned of', () => {
  const netem: LinkEmulation = { backend: 'netem', directions: [{ impairment: null }, { impairment: null }] }
  expect(() => change(netem, 'loss=1% loss.correlation=25%')).toThrow(
    /^loss: netem loses far less .*gilbert-elliott.*`emulation: wire` or `auto` does it$/,
  )
  const words = ['delay=10ms', 'jitter=1ms', 'jitter.correlation=50%']
  const changed = changeLink(netem, { words, isCleared: false }, END)
  expect(changed).toMatchObject({
    warnings: [expect.stringMatching(/^lan:eth2 → c:eth0: netem makes a jitter .* about 58%/)],
  })
  expect(changeLink(null, { words, isCleared: false }, END)).toMatchObject({ warnings: [] })
})
