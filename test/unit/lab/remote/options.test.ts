import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { putIn, takenApart } from '../../../../src/lab/remote/options.js'

test('functions and signals are taken out of options at any depth, and put back', () => {
  const { signal } = new AbortController()
  const [onProgress, onWait] = [() => {}, () => {}]
  const source = { files: ['a'], variables: new Map([['n', 1]]) }
  const options = { persist: true, onProgress, turn: { waitMs: 5, onWait, signal }, source }
  const { data, functions, signals } = takenApart(options)
  expect(data).toEqual({ persist: true, turn: { waitMs: 5 }, source })
  expect(functions).toEqual([
    { path: ['onProgress'], value: onProgress },
    { path: ['turn', 'onWait'], value: onWait },
  ])
  expect(signals).toEqual([{ path: ['turn', 'signal'], value: signal }])
  putIn(data, [...functions, ...signals])
  expect(data).toEqual(options)
})

test.each([[['addresses']], [undefined], [null], ['text'], [new Map([['a', 1]])]])('%o is data', (value) => {
  expect(takenApart(value)).toEqual({ data: value, functions: [], signals: [] })
})

test('objects of another context are taken apart too', () => {
  const { data, functions } = takenApart(runInNewContext('({ persist: true, onProgress: () => {}, list: [1] })'))
  expect(data).toEqual({ persist: true, list: [1] })
  expect(functions).toHaveLength(1)
})
