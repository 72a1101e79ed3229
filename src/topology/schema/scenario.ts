// What can be written in a scenario: steps at times, each of which does one thing. Single values are checked here; what depends on
// several is checked in topology/scenario.
import { z } from 'zod'
import { parseDuration } from '../values/duration.js'
import { checkedText } from '../values/text-schema.js'
import { name } from '../values/values.js'
import { command } from './contents.js'
import { repeat, variables } from './expansion.js'
import { direction } from './impairments.js'

const WEEK_MS = 7 * 24 * 3600 * 1000
/** The most packets of one ping. */
const COUNT_MAX = 100_000

/** Milliseconds, or a text that describes the fault. */
export function parseMoment(text: string): number | string {
  const duration = parseDuration(text)
  if (typeof duration === 'string') return `${text} is not a time such as 5s, 1.5s, 500ms or 1m30s`
  const ms = duration.seconds * 1000 + duration.nanoseconds / 1e6
  return ms >= 0 && ms <= WEEK_MS ? ms : `a time in a scenario is 0s to 7d, which ${text} is not`
}

const timeAbove = (least: number, fault: string) => (text: string) => {
  const ms = parseMoment(text)
  if (typeof ms === 'string') return ms
  return ms < least ? `${text} is too short: ${fault}` : null
}

const TIME = /^\+?(?:[0-9]+(?:\.[0-9]+)?(?:ms|us|ns|[wdhms]))+$/
const moment = checkedText(timeAbove(0, ''), TIME, 'moment')
const period = checkedText(timeAbove(1, 'a step is repeated every 1ms at most'), TIME, 'period')

const nodeName = z.string().min(1, 'the name of a node is missing')
const endpoint = checkedText(
  (text) => (/^[^\s:/]+(?::[^\s:/]+)?$/.test(text) ? null : `${text} is not NODE:INTERFACE, or NODE with one link`),
  /^[^\s:/]+(?::[^\s:/]+)?$/,
  'scenarioEndpoint',
)
const oneOrMore = (one: z.ZodString, what: string) => z.union([one, z.array(one).min(1, `${what} is missing`)])

const range = z.strictObject({
  least: moment.optional().describe('each answer takes this long at least'),
  most: moment.optional().describe('each answer takes this long at most'),
})

const expectation = z.strictObject({
  from: nodeName.optional().describe('node that pings'),
  to: nodeName.optional().describe('node, `NODE:INTERFACE` or address that is pinged'),
  result: z
    .enum(['answered', 'lost'])
    .optional()
    .describe('whether all of the packets are `answered`, which is the default, or all are `lost`'),
  count: z
    .int()
    .min(1, `a ping has 1 to ${COUNT_MAX} packets`)
    .max(COUNT_MAX, `a ping has 1 to ${COUNT_MAX} packets`)
    .optional()
    .describe('number of packets, one after the other; 1 by default'),
  timeout: period.optional().describe('how long to wait for each answer; `1s` by default'),
  rtt: range.optional().describe('round-trip times: a map with `least`, `most` or both'),
  node: nodeName.optional().describe('node in which the command runs'),
  command: command.optional().describe('a command in place of a ping: a line for sh(1), or a list of words'),
  status: z
    .int()
    .min(0, 'an exit status is 0 to 255')
    .max(255, 'an exit status is 0 to 255')
    .optional()
    .describe('its exit status; 0 by default'),
  output: z.string().min(1, 'a text is missing').optional().describe('a text that is in its output'),
  within: moment
    .optional()
    .describe('how long it may take until this holds: it is tried again until then; once by default'),
})

/** The keys of a step of which it has one. */
const actions = {
  set: z
    .record(endpoint, direction)
    .optional()
    .describe('endpoint → what changes for the frames that it sends, in the words of links; the rest stays'),
  clear: oneOrMore(endpoint, 'an endpoint').optional().describe('endpoints whose frames are no longer impaired'),
  down: oneOrMore(endpoint, 'an endpoint')
    .optional()
    .describe('endpoints that are taken down, as by `nslab link down`'),
  up: oneOrMore(endpoint, 'an endpoint').optional().describe('endpoints that are brought up again'),
  pause: oneOrMore(nodeName, 'a node')
    .optional()
    .describe('nodes whose processes are stopped; `all` for the whole lab, its frames on the way included'),
  resume: oneOrMore(nodeName, 'a node').optional().describe('nodes that go on; `all` for the whole lab'),
  exec: z
    .strictObject({
      node: nodeName.describe('node in which the command runs'),
      command: command.describe('a line for sh(1), or a list of words; its output is shown'),
    })
    .optional()
    .describe('a command that is run; its exit status is told'),
  expect: expectation.optional().describe('a ping or a command, and what comes of it'),
}

export type ActionName = keyof typeof actions
export const ACTIONS = Object.keys(actions) as ActionName[]

export const step = z
  .strictObject({
    at: moment.optional().describe('when, counted from the beginning, such as `5s` or `1m30s`'),
    every: period.optional().describe('in place of `at`: from one time to the next, again and again'),
    from: moment.optional().describe('with `every`: the first time; `0s` by default'),
    until: moment.optional().describe('with `every`: no later than this; the `duration` of the whole by default'),
    count: z.int().min(1, 'a step is done once at least').optional().describe('with `every`: how often at most'),
    ...actions,
    repeat: repeat.optional(),
  })
  .meta({ id: 'step' })

const steps = z
  .array(step)
  .min(1, 'a scenario has at least one step')
  .describe('list of steps; those of the same time are done in the order of the file')
const duration = moment.optional().describe('how long the whole takes; until the last step is done by default')

/** The key of a topology. */
export const scenario = z
  .preprocess((value) => (Array.isArray(value) ? { steps: value } : value), z.strictObject({ duration, steps }))
  .describe('what `nslab run` does with the running lab, and when; see docs/scenarios.md')
  .meta({ orListOf: 'steps' })

/** A scenario in a file of its own, with its steps repeated and its variables replaced. */
export const scenarioFile = z.strictObject({
  lab: name.optional().describe('name of the lab; without it, the only running one'),
  vars: variables.optional(),
  duration,
  steps,
})

export type WrittenStep = z.infer<typeof step>
export type WrittenExpectation = z.infer<typeof expectation>
export type WrittenScenario = z.infer<typeof scenario>
