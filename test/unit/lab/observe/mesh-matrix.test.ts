import { expect, test } from 'vitest'
import { MeshMatrix } from '../../../../src/lab/observe/mesh-matrix.js'
import type { NodeState } from '../../../../src/lab/record/state.js'

const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ name })) as [NodeState, NodeState, NodeState]
const addresses = ['10.0.0.1', '10.0.0.2', null]

/** a and b ping a, b and c. */
const matrixOf = ({ dead = null, bare = null }: { dead?: string | null; bare?: string | null } = {}) =>
  new MeshMatrix(
    [
      { node: a, addresses, refusal: null },
      { node: b, addresses, refusal: dead },
    ],
    [
      { node: a, refusal: null },
      { node: b, refusal: null },
      { node: c, refusal: bare },
    ],
  )

test('the pairs are in the order of the senders, without those of a node and itself', () => {
  const matrix = matrixOf()
  matrix.set(0, 1, { sent: 2, received: 1, rttUs: 51 })
  matrix.setError(1, 0, 'Packet filtered')
  matrix.setError(1, 0, 'No route')
  matrix.set(1, 0, { sent: 2, received: 0, rttUs: -1 })
  const document = {
    pairs: [
      { from: 'a', to: 'b', address: '10.0.0.2', sent: 2, received: 1, rttMs: 0.051, error: null },
      { from: 'a', to: 'c', address: null, sent: 0, received: 0, rttMs: null, error: null },
      { from: 'b', to: 'a', address: '10.0.0.1', sent: 2, received: 0, rttMs: null, error: 'No route' },
      { from: 'b', to: 'c', address: null, sent: 0, received: 0, rttMs: null, error: null },
    ],
    sent: 4,
    received: 1,
    elapsedMs: 0,
  }
  expect(structuredClone(matrix.document())).toEqual(document)
  expect({ ...matrix.reading(), pairs: [...matrix.reading().pairs] }).toEqual(document)
  expect(matrix.hasFailed).toBe(true)
})

test('a node that is dead or has no address is a failure, and two families are none', () => {
  expect(matrixOf().hasFailed).toBe(false)
  expect(matrixOf({ dead: 'b is dead' }).hasFailed).toBe(true)
  expect(matrixOf({ bare: 'c has no address' }).hasFailed).toBe(true)
  expect(matrixOf({ dead: 'b is dead' }).isPinged(1, 0)).toBe(false)
  expect(matrixOf().isPinged(0, 2)).toBe(false)
  expect(matrixOf().isPinged(0, 0)).toBe(false)
  expect(matrixOf().isPinged(0, 1)).toBe(true)
})
