// The tc(8) commands that emulate a link. Pure text.
import type { Chance, Loss } from '../../model/impairment.js'
import { percentageText } from '../../topology/values/percentage.js'
import { rateText } from '../../topology/values/tc-rate.js'
import { timeText } from '../../topology/values/tc-time.js'
import type {
  ClassAdd,
  EmulationOp,
  FilterAdd,
  NetemQdisc,
  QdiscAdd,
  QdiscSettings,
  TcNumber,
} from '../emulation/ops.js'
import { quoted } from './shell.js'

/** With a rate, netem keeps frames in order; see src/lab/requests/emulation-requests.ts. */
const KEEP_ORDER = 'rate 8tbit'
/** tc's options of a RED: the length of a frame that it reckons with. */
const RED_FRAME_BYTES = 1000

export function emulationCommand(op: EmulationOp): string {
  switch (op.op) {
    case 'qdisc.add':
      return qdiscCommand(op)
    case 'class.add':
      return classCommand(op)
    case 'filter.add':
      return filterCommand(op)
  }
}

const on = (op: EmulationOp): string => `dev ${quoted(op.interface)}`
/** tc(8) reads and writes these numbers as hexadecimal ones. */
const id = ({ major, minor }: TcNumber): string => `${major.toString(16)}:${minor === 0 ? '' : minor.toString(16)}`

export const tcPlace = (parent: QdiscAdd['parent']): string => (parent === 'root' ? 'root' : `parent ${id(parent)}`)

function qdiscCommand(op: QdiscAdd): string {
  const place = tcPlace(op.parent)
  const add = `tc -n ${op.node} qdisc add ${on(op)} ${place} handle ${id({ major: op.major, minor: 0 })}`
  return [add, op.qdisc.kind, ...settings(op.qdisc)].join(' ')
}

function settings(qdisc: QdiscSettings): string[] {
  switch (qdisc.kind) {
    case 'netem':
      return netemWords(qdisc)
    case 'tbf': {
      const { bitsPerSecond, burstBytes, limitBytes, overheadBytes } = qdisc
      return [
        `rate ${rateText(bitsPerSecond)}`,
        `burst ${burstBytes}b limit ${limitBytes}b`,
        ...overhead(overheadBytes),
      ]
    }
    case 'htb':
      return [`default ${qdisc.defaultClass.toString(16)}`]
    case 'pfifo':
      return [`limit ${qdisc.packets}`]
    case 'bfifo':
      return [`limit ${qdisc.bytes}b`]
    case 'codel':
      return codelWords(qdisc)
    case 'fq_codel': {
      const [limit, ...rest] = codelWords(qdisc) as [string, ...string[]]
      return [limit, `flows ${qdisc.flows} quantum ${qdisc.quantumBytes}`, ...rest]
    }
    case 'red': {
      const { bytes, minBytes, maxBytes, probability, ecn, bitsPerSecond } = qdisc
      const sizes = `limit ${bytes}b min ${minBytes}b max ${maxBytes}b avpkt ${RED_FRAME_BYTES}b`
      const burst = `burst ${redBurst(minBytes, maxBytes)} bandwidth ${rateText(bitsPerSecond)}`
      // tc takes this probability as a number from 0 to 1.
      return [sizes, burst, `probability ${probability}`, ...(ecn ? ['ecn'] : [])]
    }
  }
}

/** As `redBurst` of src/kernel/netlink/rtnl/tc/red.ts, which a plan does not import. */
const redBurst = (minBytes: number, maxBytes: number): number =>
  Math.max(Math.floor((2 * minBytes + maxBytes) / (3 * RED_FRAME_BYTES)), Math.ceil(minBytes / RED_FRAME_BYTES))

const overhead = (bytes: number): string[] => (bytes === 0 ? [] : [`overhead ${bytes}`])

const codelWords = ({ packets, targetNs, intervalNs, ecn }: Extract<QdiscSettings, { targetNs: number }>): string[] => [
  `limit ${packets}`,
  `target ${timeText(targetNs)} interval ${timeText(intervalNs)}`,
  ecn ? 'ecn' : 'noecn',
]

function netemWords(netem: NetemQdisc): string[] {
  const { packets, delayNs, jitter, loss, duplicate, corrupt, reorder, seed } = netem
  const named = jitter && typeof jitter.distribution === 'string' && jitter.distribution !== 'uniform'
  return [
    `limit ${packets}`,
    ...(delayNs === 0 && jitter === null ? [] : [`delay ${timeText(delayNs)}`]),
    ...(jitter === null ? [] : [timeText(jitter.amountNs), ...correlation(jitter.correlation)]),
    ...(named ? [`distribution ${jitter.distribution}`] : []),
    ...(loss === null ? [] : lossWords(loss)),
    ...(duplicate === null ? [] : ['duplicate', ...chanceWords(duplicate)]),
    ...(corrupt === null ? [] : ['corrupt', ...chanceWords(corrupt)]),
    ...(reorder === null ? [] : ['reorder', ...chanceWords(reorder), `gap ${reorder.gap}`]),
    ...(jitter && !jitter.reorder ? [KEEP_ORDER] : []),
    ...(seed === null ? [] : [`seed ${seed}`]),
  ]
}

function lossWords(loss: Loss): string[] {
  switch (loss.model) {
    case 'random':
      return ['loss random', ...chanceWords(loss)]
    case 'gilbert-elliott':
      return ['loss gemodel', ...[loss.p, loss.r, loss.lossInBad, loss.lossInGood].map(percentageText)]
    case 'state':
      return ['loss state', ...[loss.p13, loss.p31, loss.p32, loss.p23, loss.p14].map(percentageText)]
  }
}

const chanceWords = (chance: Chance): string[] => [
  percentageText(chance.probability),
  ...correlation(chance.correlation),
]

const correlation = (value: number): string[] => (value === 0 ? [] : [percentageText(value)])

function classCommand(op: ClassAdd): string {
  const { node, bitsPerSecond, ceilBitsPerSecond, burstBytes, overheadBytes, quantumBytes } = op
  const rates = `rate ${rateText(bitsPerSecond)} ceil ${rateText(ceilBitsPerSecond)}`
  const add = `tc -n ${node} class add ${on(op)} parent ${id(op.parent)} classid ${id(op.id)} htb ${rates}`
  return [add, `burst ${burstBytes}b cburst ${burstBytes}b quantum ${quantumBytes}`, ...overhead(overheadBytes)].join(
    ' ',
  )
}

/** u32 compares words of four bytes; the source address begins 8 bytes before the network header. */
function filterCommand(op: FilterAdd): string {
  const bytes = op.mac.replaceAll(':', '')
  const matches = `match u32 0x${bytes.slice(0, 8)} 0xffffffff at -8 match u32 0x${bytes.slice(8)}0000 0xffff0000 at -4`
  const add = `tc -n ${op.node} filter add ${on(op)} parent ${id(op.parent)} protocol all prio ${op.priority}`
  return `${add} u32 ${matches} flowid ${id(op.id)}`
}
