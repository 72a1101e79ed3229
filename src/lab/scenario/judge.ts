// Whether an outcome is the expected one, and both in words. Pure.
import type { PingResult } from '../../model/reach/ping.js'
import type { ExpectedCommand, ExpectedPing } from '../../topology/scenario/scenario.js'
import { commandText } from '../../topology/scenario/words.js'
import type { ExecResult } from '../run/exec.js'

export interface Verdict {
  held: boolean
  outcome: string
}

const MAX_OUTPUT = 200

export function judgePing({ result, rttMs: limits }: ExpectedPing, { sent, received, rttMs }: PingResult): Verdict {
  const answers = `${received} of ${sent} answered`
  const outcome = rttMs === null ? answers : `${answers}, in ${rangeText(rttMs.min, rttMs.max)}`
  if (result === 'lost') return { held: received === 0, outcome }
  const isInTime = rttMs !== null && rttMs.min >= limits.least && rttMs.max <= limits.most
  return { held: sent > 0 && received === sent && isInTime, outcome }
}

export function judgeCommand({ status, output }: ExpectedCommand, { exitCode, stdout, stderr }: ExecResult): Verdict {
  const all = `${stdout}${stderr}`
  const hasOutput = output === null || all.includes(output)
  if (exitCode === status && hasOutput) return { held: true, outcome: `exit status ${exitCode}` }
  const said = all.trim() === '' ? 'no output' : `output ${excerpt(all.trim())}`
  return { held: false, outcome: `exit status ${exitCode}, ${said}` }
}

export function expectedText(expected: ExpectedPing | ExpectedCommand): string {
  if ('node' in expected) {
    const { node, command, status, output } = expected
    const ends = [`exit status ${status}`, ...(output === null ? [] : [`output with ${JSON.stringify(output)}`])]
    return `${node}: ${commandText(command)}: ${ends.join(', ')}`
  }
  const { from, to, result, count, rttMs } = expected
  const packets = count === 1 ? '' : `${count} × `
  const { least, most } = rttMs
  const limits = [...(least > 0 ? [`at least ${least} ms`] : []), ...(most < Infinity ? [`at most ${most} ms`] : [])]
  return `${from} → ${to}: ${packets}${result}${limits.length === 0 ? '' : `, in ${limits.join(' and ')}`}`
}

const rangeText = (min: number, max: number): string =>
  min === max ? `${min.toFixed(2)} ms` : `${min.toFixed(2)} to ${max.toFixed(2)} ms`

const excerpt = (text: string): string =>
  JSON.stringify(text.length <= MAX_OUTPUT ? text : `${text.slice(0, MAX_OUTPUT)}…`)
