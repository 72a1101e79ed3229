// The end of what a command writes is kept, and all of it is passed on.
import { expect, test } from 'vitest'
import { KeptOutput } from '../../../../src/lab/run/kept-output.js'

const taking = (bytesMax: number, texts: readonly string[]): KeptOutput => {
  const output = new KeptOutput(bytesMax)
  for (const text of texts) output.take(Buffer.from(text))
  return output
}

test.each([
  [Number.POSITIVE_INFINITY, ['ab', 'cd'], 'abcd', false],
  [4, ['ab', 'cd'], 'abcd', false],
  [3, ['ab', 'cd'], 'bcd', true],
  [2, ['ab', 'cd', 'ef'], 'ef', true],
  [3, ['abcdefgh'], 'fgh', true],
  [3, ['aü', 'bc'], 'bc', true],
  [3, [], '', false],
])('of at most %s bytes of %j, %j is kept', (bytesMax, texts, text, isTruncated) => {
  const output = taking(bytesMax, texts)
  expect([output.text, output.isTruncated]).toEqual([text, isTruncated])
})

test('who listens gets what is kept and what comes, until that is ended', () => {
  const output = taking(100, ['a', 'b'])
  const heard: string[] = []
  const stop = output.listen((chunk) => heard.push(chunk.toString()))
  output.take(Buffer.from('c'))
  stop()
  output.take(Buffer.from('d'))
  expect(heard).toEqual(['a', 'b', 'c'])
})
