// What `up` says of a command that does not return: the remedy stays, however narrow the terminal is.
import { expect, test, vi } from 'vitest'
import { ProgressLine, waitingText } from '../../../src/cli/progress.js'

const SERVER = 'python3 -m http.server 80'

test.each([
  [undefined, `waiting for \`${SERVER}\` in server1; start a daemon with &`],
  [79, `waiting for \`${SERVER}\` in server1; start a daemon with &`],
  [60, 'waiting for `python3 -m …` in server1; start a daemon with &'],
  [50, 'waiting for server1; start a daemon with &'],
  [39, 'start a daemon with &'],
])('in %s columns', (columns, text) => {
  expect(waitingText('server1', SERVER, columns)).toBe(text)
})

test.each([79, 60, 39, 25])('nothing is wider than %i columns', (columns) => {
  for (const node of ['a', 'a-node-with-a-long-name-of-more-than-thirty-letters'])
    for (const command of ['x', 'x'.repeat(300)])
      expect(waitingText(node, command, columns).length).toBeLessThanOrEqual(columns)
})

test('where stderr is no terminal, a command is named once, after five seconds', () => {
  vi.useFakeTimers()
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    using line = new ProgressLine()
    line.update({ stage: 'commands', done: 0, total: 2, running: { node: 'a', line: 'true' } })
    vi.advanceTimersByTime(4900)
    line.update({ stage: 'commands', done: 1, total: 2, running: { node: 'server1', line: SERVER } })
    vi.advanceTimersByTime(60_000)
    expect(write.mock.calls).toEqual([[`nslab: note: ${waitingText('server1', SERVER)}\n`]])
  } finally {
    write.mockRestore()
    vi.useRealTimers()
  }
})
