// What a run of a scenario prints: a line for each step, and a summary.
import type { ScenarioEnded, ScenarioEvent } from '../model/scenario-event.js'
import { commandText } from '../topology/scenario/words.js'
import { printable, printableText } from './printable.js'
import { count, duration } from './quantity.js'

/** A step that is late by less says nothing. */
const LATE_MS = 10

/** The lines of an event, without the last line feed. */
export function eventText(event: ScenarioEvent): string {
  switch (event.event) {
    case 'started': {
      const steps = count(event.times, 'step')
      return `lab ${event.lab}: ${steps} in ${duration(event.durationMs)}`
    }
    case 'changed': {
      const what = event.targets.map((target) => [target, ...(event.words?.[target] ?? [])].join(' ')).join(', ')
      const warnings = event.warnings.map((warning) => `\n${indented(`warning: ${printable(warning)}`)}`)
      return `${timeText(event.timeMs)} ${event.action} ${printable(what)}${lateText(event.lateMs)}${warnings.join('')}`
    }
    case 'command': {
      const { timeMs, node, command, exitCode, stdout, stderr, lateMs } = event
      const status = exitCode === 0 ? '' : `: exit status ${exitCode}`
      const output = `${stdout}${stdout === '' || stdout.endsWith('\n') ? '' : '\n'}${stderr}`.trimEnd()
      const shown = output === '' ? '' : `\n${indented(printableText(output))}`
      return `${timeText(timeMs)} exec ${node}: ${printable(commandText(command))}${status}${lateText(lateMs)}${shown}`
    }
    case 'expectation': {
      const { timeMs, held, expected, outcome, attempts, lateMs } = event
      const tries = attempts === 1 ? '' : `, at attempt ${attempts}`
      const verdict = held
        ? `holds${tries}`
        : `FAILS: ${outcome}${attempts === 1 ? '' : `, after ${attempts} attempts`}`
      return `${timeText(timeMs)} expect ${printable(expected)}: ${printable(verdict)}${lateText(lateMs)}`
    }
    case 'ended':
      return endText(event)
  }
}

function endText({ elapsedMs, late, expectations: { checked, held } }: ScenarioEnded): string {
  const verdict = checked === 0 ? 'no expectations' : `${held} of ${count(checked, 'expectation')} held`
  return `${timeText(elapsedMs)} end: ${verdict}${late === 0 ? '' : `, ${count(late, 'step')} late`}`
}

/** Seconds with three digits, so that columns stand below each other for the first 1,000 s. */
const timeText = (ms: number): string => `${(ms / 1000).toFixed(3).padStart(7)} s`

const lateText = (ms: number): string => (ms > LATE_MS ? ` (${Math.round(ms)} ms late)` : '')

const indented = (text: string): string => text.replace(/^/gm, '            ')
