// Turns a written expectation into that of a ping or that of a command, and refuses keys of the one in the other.
import { parseMoment, type WrittenExpectation } from '../schema/scenario.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import { addressFault } from './pinged.js'
import type { ExpectedCommand, ExpectedPing, ScenarioExpectation } from './scenario.js'
import { commandOf } from './words.js'

/** As long as `nslab ping` waits. */
const TIMEOUT_MS = 1000

const OF_PING = ['from', 'to', 'result', 'count', 'timeout', 'rtt'] as const
const OF_COMMAND = ['node', 'command', 'status', 'output'] as const
const OF_ANSWER = 'an answer has a round-trip time, and none is expected'

export function expectationOf(
  written: WrittenExpectation,
  path: Path,
  faults: Faults,
): ScenarioExpectation | undefined {
  const isCommand = written.node !== undefined || written.command !== undefined
  const strays = (isCommand ? OF_PING : OF_COMMAND).filter((key) => written[key] !== undefined)
  for (const key of strays) {
    const belongs = isCommand ? 'a ping, with `from` and `to`' : 'a command, with `node` and `command`'
    faults.add([...path, key], `\`${key}\` is of ${belongs}; an expectation is of one or the other`, 'key')
  }
  const expected = isCommand ? commandIn(written, path, faults) : pingIn(written, path, faults)
  return expected && { action: 'expect', expected, withinMs: Number(parseMoment(written.within ?? '0s')) }
}

function commandIn(written: WrittenExpectation, path: Path, faults: Faults): ExpectedCommand | undefined {
  const { node, command, status = 0, output = null } = written
  if (node === undefined) return faults.add(path, 'a command runs in a `node`, which is missing') as undefined
  if (command === undefined) return faults.add(path, `the \`command\` for ${node} is missing`) as undefined
  return { node, command: commandOf(command), status, output }
}

function pingIn(written: WrittenExpectation, path: Path, faults: Faults): ExpectedPing | undefined {
  const { from, to, result = 'answered', count = 1, timeout, rtt = {} } = written
  if (from === undefined || to === undefined) {
    const message = 'this expects nothing: a ping has `from` and `to`, a command has `node` and `command`'
    return faults.add(path, message) as undefined
  }
  const fault = addressFault(to)
  if (fault !== null) faults.add([...path, 'to'], fault)
  if (result === 'lost' && written.rtt !== undefined) faults.add([...path, 'rtt'], OF_ANSWER)
  const least = Number(parseMoment(rtt.least ?? '0s'))
  const most = rtt.most === undefined ? Number.POSITIVE_INFINITY : Number(parseMoment(rtt.most))
  if (least > most) faults.add([...path, 'rtt', 'most'], `${rtt.most} is less than ${rtt.least}, the least`)
  const timeoutMs = timeout === undefined ? TIMEOUT_MS : Number(parseMoment(timeout))
  return { from, to, result, count, timeoutMs, rttMs: { least, most } }
}
