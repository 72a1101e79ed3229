// Runs the wire's engine in simulated time (simulation.c), and has the statistics that tests of it need.
import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { IS_ASAN, words } from '../shim.js'

const NATIVE = fileURLToPath(new URL('../../../native-shim/', import.meta.url))
const PROGRAM = IS_ASAN ? 'wire-simulation-asan' : 'wire-simulation'

/** Builds the program, where it is older than its sources. */
export function buildSimulation(): void {
  const target = IS_ASAN ? 'simulation-asan' : 'simulation'
  execFileSync('make', ['--silent', '--no-print-directory', '-C', NATIVE, target], { stdio: 'pipe' })
}

export interface Frame {
  number: number
  sentAt: number
  flow: number
  /** When it left by the engine's computation, and when the engine was called and handed it on. */
  due: number
  handedOnAt: number
  marked: boolean
  /** That differ from what was sent. */
  wrongBits: number
}

export interface Simulation {
  frames: Frame[]
  sent: number
  nsPerFrame: number
  statistics: Record<string, any>
  /** The statistics of direction b. */
  flooded: Record<string, any>
}

/** Texts are split at blanks. Times are in ns. */
export function simulate(...lines: string[]): Simulation {
  const result = run(lines)
  if ('refusal' in result) throw new Error(result.refusal)
  const { sent, nsPerFrame, statistics, flooded } = result.answer
  const frames = result.answer.frames.map(([number, due, handedOnAt, marked, wrongBits]: number[]): Frame => {
    const [sentAt, flow] = sent[number ?? 0]
    return { number, due, handedOnAt, marked: marked === 1, wrongBits, sentAt, flow } as Frame
  })
  return { frames, sent: sent.length, nsPerFrame, statistics, flooded }
}

/** The text with which the configuration is refused. */
export function refusal(words: string): string {
  const result = run([words])
  return 'refusal' in result ? result.refusal : 'not refused'
}

function run(lines: readonly string[]): { refusal: string } | { answer: any } {
  const input = words(lines.flatMap((line) => line.split(' ').filter((word) => word !== '')))
  const { status, stdout, stderr } = spawnSync(`${NATIVE}build/${PROGRAM}`, { input, maxBuffer: 1 << 28 })
  return status === 0 ? { answer: JSON.parse(stdout.toString()) } : { refusal: stderr.toString() }
}

/** A link whose direction a is as the words say. */
export const link = (classDefault: string, others = ''): string =>
  `link 0 1 2 direction a class default ${classDefault} ${others}`

export const numbers = (frames: readonly Frame[]): number[] => frames.map((frame) => frame.number)
export const delays = (frames: readonly Frame[]): number[] => frames.map((frame) => frame.due - frame.sentAt)

/** Of each frame that was sent: whether it is missing. */
export function losses({ frames, sent }: Simulation): boolean[] {
  const arrived = new Set(numbers(frames))
  return Array.from({ length: sent }, (_, number) => !arrived.has(number))
}

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

export function deviation(values: readonly number[]): number {
  const middle = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)))
}

/** The correlation of each value with the one before. */
export function autocorrelation(values: readonly number[]): number {
  const middle = mean(values)
  const products = values.slice(1).map((value, index) => (value - middle) * ((values[index] ?? 0) - middle))
  return mean(products) / deviation(values) ** 2
}

export const quantile = (values: readonly number[], of: number): number =>
  [...values].sort((one, other) => one - other)[Math.floor(of * values.length)] ?? Number.NaN

/** The mean length of runs of `true`. */
export function meanRun(values: readonly boolean[]): number {
  const starts = values.filter((value, index) => value && !values[index - 1]).length
  return values.filter(Boolean).length / starts
}

/** The inverse of the normal distribution as a table of jitter. */
export function normalTable(): string {
  // The density is integrated by Simpson's rule: no approximation that the engine shares.
  const density = (z: number) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  const steps = 80_000
  const step = 16 / steps
  const table = Buffer.alloc(2 * 4096)
  let below = 0
  let index = 0
  for (let i = 0; i < steps && index < 4096; i++) {
    const z = -8 + i * step
    const share = (step / 6) * (density(z) + 4 * density(z + step / 2) + density(z + step))
    for (; index < 4096 && below + share >= (index + 0.5) / 4096; index++) {
      const at = z + (step * ((index + 0.5) / 4096 - below)) / share
      table.writeInt16LE(Math.round(at * 8192), 2 * index)
    }
    below += share
  }
  return table.toString('hex')
}
