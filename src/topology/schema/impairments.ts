// What can be written about the frames that a link carries one way. Single values are checked here; combinations of them are
// checked when they are resolved.
import { z } from 'zod'
import { PRESET_NAMES, presetFault } from '../values/link-presets.js'
import { parsePair } from '../values/pair.js'
import { parsePercentage } from '../values/percentage.js'
import { parseRate } from '../values/tc-rate.js'
import { parseOverhead, parseSize } from '../values/tc-size.js'
import { parseCodelTime, parseJitter, parseTime } from '../values/tc-time.js'
import { checkedText } from '../values/text-schema.js'
import { source } from './contents.js'

/** In place of a value: it is not taken from a preset, a default or the whole link either. */
export const NONE = 'none'

/** The most packets of a queue. */
const QUEUE_MAX = 1_000_000
const SEED_MAX = 2n ** 64n - 1n

const WITH_UNIT = String.raw`\s*[+-]?[0-9]+(?:\.[0-9]+)?\s*[A-Za-z]+\s*`
const PERCENTAGE = String.raw`\s*[0-9]+(?:\.[0-9]+)?\s*%\s*`

/** Without a number: a value without its unit is refused. */
const unitText = (faultOf: (text: string) => string | null, pattern: string, id: string) =>
  checkedText(faultOf, new RegExp(`^(?:${pattern})$`)).meta({ id, hasUnit: true })

const text = (parse: (text: string) => unknown, pattern: string, id: string) => unitText(faultOf(parse), pattern, id)

const textOrNone = (parse: (text: string) => unknown, pattern: string, id: string) =>
  unitText((value) => (value === NONE ? null : faultOf(parse)(value)), `${pattern}|${NONE}`, id)

const faultOf = (parse: (text: string) => unknown) => (value: string) => {
  const parsed = parse(value)
  return typeof parsed === 'string' ? parsed : null
}

const codelTime = text(parseCodelTime, WITH_UNIT, 'codelTime')
const timeOrNone = textOrNone(parseTime, WITH_UNIT, 'timeOrNone')
const jitterTime = text(parseJitter, WITH_UNIT, 'jitterTime')
const jitterOrNone = textOrNone(parseJitter, WITH_UNIT, 'jitterOrNone')
const percentage = text(parsePercentage, PERCENTAGE, 'percentage')
const percentageOrNone = textOrNone(parsePercentage, PERCENTAGE, 'percentageOrNone')
const bitRate = text(parseRate, WITH_UNIT, 'bitRate')
const bitRateOrNone = textOrNone(parseRate, WITH_UNIT, 'bitRateOrNone')
const size = text(parseSize, WITH_UNIT, 'size')

const correlation = percentage.optional().describe('with the decision for the frame before; `0%` by default')
const probability = percentage.describe('of each frame, such as `0.5%`')

const jitter = z
  .union([
    jitterOrNone,
    z.strictObject({
      amount: jitterTime.describe(
        'by how much the delay varies: half of the range of `uniform`, else the standard deviation',
      ),
      distribution: z
        .union([
          z.enum(['uniform', 'normal', 'pareto', 'paretonormal']),
          z.strictObject({
            samples: source.describe(
              'file of measured values, numbers with blanks between them; relative to this file',
            ),
          }),
        ])
        .optional()
        .describe('`uniform` by default; `normal`, `pareto`, `paretonormal`, or `{ samples: FILE }`'),
      correlation: percentage.optional().describe('with the delay of the frame before; `0%` by default'),
      reorder: z.boolean().optional().describe('whether frames may overtake each other; `false` by default'),
    }),
  ])
  .meta({ id: 'jitter' })

const chance = z.union([percentageOrNone, z.strictObject({ probability, correlation })]).meta({ id: 'chance' })

const random = z
  .strictObject({
    model: z.literal('random').describe('`random`; may be left out'),
    probability,
    correlation,
  })
  .meta({ mayLack: 'model' })

const gilbertElliott = z.strictObject({
  model: z.literal(['gilbert-elliott', 'gemodel']).describe('bursts of losses; `gemodel` is the word of tc(8)'),
  p: percentage.describe('from the good state to the bad one, for each frame'),
  r: percentage.optional().describe('from the bad state to the good one; 100% less `p` by default'),
  '1-h': percentage.optional().describe('loss in the bad state; `100%` by default'),
  '1-k': percentage.optional().describe('loss in the good state; `0%` by default'),
})

const fourStates = z.strictObject({
  model: z.literal('state').describe('four states: 1 good, 2 good within a burst, 3 loss in a burst, 4 single loss'),
  p13: percentage.describe('from state 1 to 3, for each frame'),
  p31: percentage.optional().describe('100% less `p13` by default'),
  p32: percentage.optional().describe('`0%` by default'),
  p23: percentage.optional().describe('`100%` by default'),
  p14: percentage.optional().describe('`0%` by default'),
})

/** Adds the model that `{ probability: 1% }` implies. */
const withModel = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('model' in value)
    ? { model: 'random', ...value }
    : value

const loss = z
  .union([
    percentageOrNone,
    z.preprocess(withModel, z.discriminatedUnion('model', [random, gilbertElliott, fourStates])),
  ])
  .meta({ id: 'loss' })

const reorder = z
  .union([
    percentageOrNone,
    z.strictObject({
      probability: probability.describe('of a frame that is sent without its delay'),
      correlation,
      gap: z
        .int()
        .min(1, 'a gap is 1 to 1000000')
        .max(1_000_000, 'a gap is 1 to 1000000')
        .optional()
        .describe('only every gap-th frame can be sent without its delay; 1 by default'),
    }),
  ])
  .meta({ id: 'reorder' })

const rate = z
  .union([
    bitRateOrNone,
    z.strictObject({
      rate: bitRate.describe('such as `10mbit`; `bps` are bytes per second, as in tc(8)'),
      burst: size
        .optional()
        .describe('what may leave at once after a pause; two frames or 150 µs at the rate by default'),
      overhead: text(parseOverhead, WITH_UNIT, 'overhead')
        .optional()
        .describe('added to the length of each frame, as of a link layer below; `0b` by default'),
    }),
  ])
  .meta({ id: 'rate' })

const packets = z
  .int()
  .min(1, `a queue holds 1 to ${QUEUE_MAX} packets`)
  .max(QUEUE_MAX, `a queue holds 1 to ${QUEUE_MAX} packets`)
const target = codelTime.optional().describe('acceptable time in the queue; `5ms` by default')
const interval = codelTime.optional().describe('for how long the time may be longer; `100ms` by default')
const ecn = z.boolean().optional().describe('whether packets that can be marked are marked and not dropped')
const packetLimit = packets.optional().describe('number of packets')

const queue = z
  .union([
    packets,
    textOrNone(parseSize, WITH_UNIT, 'sizeOrNone'),
    z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('fifo').describe('`fifo` drops what does not fit'),
        limit: z.union([packets, size]).optional().describe('number of packets, or a size such as `64kb`'),
      }),
      z.strictObject({
        kind: z.literal('codel').describe('`codel` drops by the time in the queue (tc-codel(8))'),
        limit: packetLimit,
        target,
        interval,
        ecn,
      }),
      z.strictObject({
        kind: z.literal('fq_codel').describe('`fq_codel` does so for each flow (tc-fq_codel(8))'),
        limit: packetLimit,
        flows: z
          .int()
          .min(1, 'flows are 1 to 65536')
          .max(65_536, 'flows are 1 to 65536')
          .optional()
          .describe('number of queues; 1024 by default'),
        quantum: size.optional().describe('bytes of a flow in its turn; a frame by default'),
        target,
        interval,
        ecn,
      }),
      z.strictObject({
        kind: z.literal('red').describe('`red` drops at random before it is full (tc-red(8))'),
        limit: size.optional().describe('a size'),
        min: size.optional().describe('average length from which packets are dropped; a third of `max` by default'),
        max: size.optional().describe('average length at which `probability` is reached; half of the limit by default'),
        probability: percentage.optional().describe('`2%` by default'),
        ecn,
      }),
    ]),
  ])
  .meta({ id: 'queue' })

const seedFault = (value: string): string | null =>
  value === NONE || (/^[0-9]{1,20}$/.test(value) && BigInt(value) <= SEED_MAX)
    ? null
    : `a seed is a whole number from 0 to ${SEED_MAX}`

/** Keys for the frames that are sent one way. */
export const impairments = {
  preset: checkedText(
    (value) => (value === NONE ? null : presetFault(value)),
    new RegExp(`^(?:${[...PRESET_NAMES, NONE].join('|')})$`),
    'preset',
  )
    .optional()
    .describe('values of a published source, see docs/link-presets.md; keys beside it replace single ones'),
  delay: timeOrNone.optional().describe('time that every frame takes, such as `10ms`'),
  jitter: jitter.optional().describe('by how much the delay varies: a time, or a map'),
  loss: loss.optional().describe('share of frames that are lost, such as `0.5%`, or a map with a `model`'),
  duplicate: chance.optional().describe('share of frames that arrive twice, such as `0.1%`, or a map'),
  corrupt: chance.optional().describe('share of frames in which a bit is wrong, such as `0.01%`, or a map'),
  reorder: reorder.optional().describe('share of frames that are sent without their delay, or a map'),
  rate: rate.optional().describe('bits per second, such as `10mbit`, or a map with `burst` and `overhead`'),
  trace: z
    .union([z.literal(NONE), source])
    .optional()
    .describe('file of times at which frames can leave, in the format of mahimahi; in place of a `rate`'),
  queue: queue
    .optional()
    .describe(
      'queue in front of the rate: number of packets, a size, or a map with a `kind`; from rate and delay by default',
    ),
  seed: checkedText(seedFault, new RegExp(`^(?:[0-9]{1,20}|${NONE})$`), 'seed')
    .optional()
    .describe('number from which random decisions are made: the same one, the same losses; drawn by default'),
}

export type ImpairmentKey = keyof typeof impairments
export const IMPAIRMENT_KEYS = Object.keys(impairments) as ImpairmentKey[]

export const direction = z.strictObject(impairments).meta({ id: 'direction' })

export type WrittenImpairments = z.infer<typeof direction>

const pairFault = (value: string): string | null => faultOf(parsePair)(value)

export const pairs = z
  .record(checkedText(pairFault, /^.*<?->.*$/), direction)
  .describe(
    'of a LAN: pair of stations such as `a -> b`, `a <-> b` or `* -> b` → what is different for their frames; the last one that fits counts',
  )

export const emulation = z.enum(['auto', 'netem', 'wire'])
