// The other ends of veth pairs among network namespaces.
import { expect, test } from 'vitest'
import type { ReadLink } from '../../../../src/lab/read/interfaces.js'
import { type PeerNetwork, Peers } from '../../../../src/lab/read/peers.js'

const end = (index: number, peerIndex: number | null, peerNetnsId: number | null = 0): ReadLink => ({
  ...{ index, name: `eth${index}`, kind: 'veth', mac: null, mtu: 1500, up: true, running: true, master: null },
  ...{ gsoMaxSegs: 0, settings: null, peerIndex, peerNetnsId },
})
const network = (node: string, ...links: ReadLink[]): PeerNetwork => ({ node, links })
const none = () => {
  throw new Error('the kernel was asked')
}

function peersOf(networks: PeerNetwork[], netnsIdOf: ConstructorParameters<typeof Peers>[1] = none) {
  const peers = new Peers(networks, netnsIdOf)
  return networks.flatMap((each) => each.links.map((link) => peers.of(each, link)))
}

test('two ends that name each other are a pair', () => {
  const [a, b] = [network('a', end(1, null), end(32, 33)), network('b', end(33, 32))]
  expect(peersOf([a, b])).toEqual([null, { node: 'b', index: 33 }, { node: 'a', index: 32 }])
})

test('an end whose other end names a third one, or is outside, has none', () => {
  expect(peersOf([network('a', end(32, 33)), network('b', end(33, 40))])).toEqual([null, null])
})

test('both ends may be in one namespace, and then one elsewhere with the same index is another', () => {
  const [a, b] = [network('a', end(32, 33, null), end(33, 32, null)), network('b', end(33, 32))]
  expect(peersOf([a, b])).toEqual([{ node: 'a', index: 33 }, { node: 'a', index: 32 }, null])
})

test('where several have the same indexes, the id of the namespace decides', () => {
  const [a, b, c] = [network('a', end(50, 51, 7)), network('b', end(51, 50, 0)), network('c', end(51, 50, 0))]
  const ids = new Map([
    [
      a,
      new Map([
        [b, 4],
        [c, 7],
      ]),
    ],
  ])
  const found = peersOf([a, b, c], (from, to) => ids.get(from)?.get(to) ?? null)
  expect(found[0]).toEqual({ node: 'c', index: 51 })
})
