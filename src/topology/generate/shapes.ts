// The shapes of `nslab generate`: their names, arguments and limits.
import { LabError } from '../../errors.js'
import { LAB_LIMITS } from '../values/limits.js'
import { suggestion } from '../values/suggest.js'
import { clos, fatTree } from './fabrics.js'
import { linksFor, random } from './random.js'
import { chain, grid, ring, torus } from './rows.js'
import type { Shape } from './shape.js'
import { dumbbell, full, star, tree } from './trees.js'

/** The values of the flags that are given. */
export interface ShapeFlags {
  hosts?: number | undefined
  leaves?: number | undefined
  spines?: number | undefined
  'super-spines'?: number | undefined
  degree?: number | undefined
  seed?: number | undefined
}

interface Description {
  /** The names of the numbers that it takes, for the usage. */
  numbers: readonly string[]
  /** The flags that it takes. One with `!` is required. */
  flags: readonly string[]
  summary: string
  /** The least value of each number. */
  least: readonly number[]
  /** The number of nodes and links, which is computed before the shape is made. */
  size: (numbers: number[], flags: ShapeFlags) => number
  make: (numbers: number[], flags: ShapeFlags) => Shape
}

/** Names of shapes in other tools and in books. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  ...{ linear: 'chain', line: 'chain', path: 'chain', row: 'chain', daisychain: 'chain', 'daisy-chain': 'chain' },
  ...{ circle: 'ring', cycle: 'ring', loop: 'ring', single: 'star', lan: 'star', bus: 'star', 'hub-and-spoke': 'star' },
  ...{
    mesh: 'full',
    'full-mesh': 'full',
    fullmesh: 'full',
    complete: 'full',
    clique: 'full',
    lattice: 'grid',
    matrix: 'grid',
  },
  ...{
    'leaf-spine': 'clos',
    leafspine: 'clos',
    'spine-leaf': 'clos',
    spineleaf: 'clos',
    fattree: 'fat-tree',
    barbell: 'dumbbell',
  },
}

/** The most nodes and links of a shape. */
const MAX_SIZE = LAB_LIMITS.nodes + LAB_LIMITS.links

const hostsOf = ({ hosts }: ShapeFlags): number => hosts ?? 1

/** The size of a shape of routers with hosts. @param links the number of links between the routers */
const withHosts = (links: (routers: number) => number) => (numbers: number[], flags: ShapeFlags) => {
  const count = numbers.reduce((product, number) => product * number)
  return count * (1 + 2 * hostsOf(flags)) + links(count)
}

export const SHAPES: Readonly<Record<string, Description>> = {
  chain: {
    ...{ numbers: ['N'], flags: ['hosts'], least: [1], summary: 'N routers in a row' },
    size: withHosts((count) => count),
    make: ([count = 0], flags) => chain(count, hostsOf(flags)),
  },
  ring: {
    ...{ numbers: ['N'], flags: ['hosts'], least: [3], summary: 'N routers in a circle' },
    size: withHosts((count) => count),
    make: ([count = 0], flags) => ring(count, hostsOf(flags)),
  },
  star: {
    ...{ numbers: ['N'], flags: [], least: [1], summary: 'N hosts on a switch' },
    size: ([count = 0]) => 2 * count + 1,
    make: ([count = 0]) => star(count),
  },
  full: {
    ...{ numbers: ['N'], flags: ['hosts'], least: [2], summary: 'N routers, each linked with each' },
    size: withHosts((count) => (count * (count - 1)) / 2),
    make: ([count = 0], flags) => full(count, hostsOf(flags)),
  },
  tree: {
    ...{ numbers: ['DEPTH', 'FANOUT'], flags: [], least: [1, 1], summary: 'routers in DEPTH levels, hosts below them' },
    size: ([depth = 0, fanout = 0]) => 2 * (fanout === 1 ? depth + 1 : (fanout ** (depth + 1) - 1) / (fanout - 1)),
    make: ([depth = 0, fanout = 0]) => tree(depth, fanout),
  },
  grid: {
    ...{ numbers: ['ROWS', 'COLUMNS'], flags: ['hosts'], least: [1, 1], summary: 'routers in rows and columns' },
    size: withHosts((count) => 2 * count),
    make: ([rows = 0, columns = 0], flags) => grid(rows, columns, hostsOf(flags)),
  },
  torus: {
    ...{ numbers: ['ROWS', 'COLUMNS'], flags: ['hosts'], least: [3, 3], summary: 'a grid without edges' },
    size: withHosts((count) => 2 * count),
    make: ([rows = 0, columns = 0], flags) => torus(rows, columns, hostsOf(flags)),
  },
  clos: {
    ...{ numbers: [], flags: ['leaves!', 'spines!', 'hosts', 'super-spines'], least: [] },
    summary: 'leaves with hosts, each linked with each spine, and those with each super-spine',
    size: (_, flags) => {
      const { leaves = 0, spines = 0, 'super-spines': tops = 0 } = flags
      return leaves * (1 + spines + 2 * hostsOf(flags)) + spines * (1 + tops) + tops
    },
    make: (_, flags) => {
      const { leaves = 0, spines = 0, 'super-spines': superSpines = 0 } = flags
      return clos({ leaves, spines, hosts: hostsOf(flags), superSpines })
    },
  },
  'fat-tree': {
    ...{ numbers: ['K'], flags: [], least: [2], summary: 'K pods of switches with K ports: K³/4 hosts' },
    size: ([ports = 0]) => ports ** 3 + (5 * ports ** 2) / 4,
    make: ([ports = 0]) => {
      if (ports % 2 === 1) throw new LabError('USAGE', `a fat tree needs an even number of ports, not ${ports}`)
      return fatTree(ports)
    },
  },
  random: {
    ...{ numbers: ['N'], flags: ['degree!', 'seed!', 'hosts'], least: [2] },
    summary: 'N routers with D links each on average; connected, the same for the same seed',
    size: ([count = 0], flags) => count * (1 + 2 * hostsOf(flags)) + linksFor(count, flags.degree ?? 0),
    make: ([count = 0], flags) => {
      const { degree = 0, seed = 0 } = flags
      const links = linksFor(count, degree)
      const most = (count * (count - 1)) / 2
      if (links < count - 1 || links > most) {
        const range = `${round((2 * (count - 1)) / count)} to ${count - 1}`
        throw new LabError(
          'USAGE',
          `a connected network of ${count} routers has a mean degree of ${range}, not ${degree}`,
        )
      }
      return random(count, degree, seed, hostsOf(flags))
    },
  },
  dumbbell: {
    ...{ numbers: ['LEFT', 'RIGHT'], flags: [], least: [1, 1], summary: 'hosts on either side of one link' },
    size: ([left = 0, right = 0]) => 2 * (left + right) + 3,
    make: ([left = 0, right = 0]) => dumbbell(left, right),
  },
}

const round = (number: number): number => Math.ceil(number * 100) / 100

/** The arguments of a shape as a user types them: `clos --leaves L --spines S [--hosts H]`. */
export function usageOf(name: string): string {
  const { numbers, flags } = SHAPES[name] as Description
  const words = flags.map((flag) => {
    const bare = flag.replace('!', '')
    const word = `--${bare} ${bare === 'super-spines' ? 'P' : bare.charAt(0).toUpperCase()}`
    return flag.endsWith('!') ? word : `[${word}]`
  })
  return [name, ...numbers, ...words].join(' ')
}

/**
 * Makes a shape from the arguments of a user.
 *
 * @throws LabError USAGE if the arguments are wrong, with the right usage
 */
export function makeShape(name: string, words: readonly string[], flags: ShapeFlags): Shape {
  const shape = Object.hasOwn(SHAPES, name) ? SHAPES[name] : undefined
  if (!shape) {
    const names = Object.keys(SHAPES)
    const same = Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : undefined
    if (same !== undefined) {
      const hint = `usage: nslab generate ${usageOf(same)}`
      throw new LabError('USAGE', `there is no shape ${name}: it is called ${same} here`, { hint })
    }
    throw new LabError('USAGE', `there is no shape ${name}${suggestion(name, names)}`, {
      hint: `there are ${names.join(', ')}`,
    })
  }
  const hint = `usage: nslab generate ${usageOf(name)}`
  const numbers = words.map(Number)
  const isRight =
    numbers.length === shape.numbers.length &&
    numbers.every((number, at) => /^[0-9]+$/.test(words[at] as string) && number >= (shape.least[at] as number))
  if (!isRight) throw new LabError('USAGE', `${name} takes ${takes(shape)}`, { hint })
  for (const flag of Object.keys(flags).filter((flag) => flags[flag as keyof ShapeFlags] !== undefined)) {
    if (!shape.flags.some((known) => known.replace('!', '') === flag)) {
      throw new LabError('USAGE', `${name} takes no --${flag}`, { hint })
    }
  }
  for (const flag of shape.flags.filter((each) => each.endsWith('!')).map((each) => each.slice(0, -1))) {
    if (flags[flag as keyof ShapeFlags] === undefined) throw new LabError('USAGE', `${name} needs --${flag}`, { hint })
  }
  const size = shape.size(numbers, flags)
  // Very large numbers make the size NaN.
  if (!(size <= MAX_SIZE)) throw tooLarge(`${size <= 1e9 ? Math.round(size) : 'over a billion'} nodes and links`)
  const made = shape.make(numbers, flags)
  if (made.nodes.size > LAB_LIMITS.nodes || made.links.length > LAB_LIMITS.links)
    throw tooLarge(`${made.nodes.size} nodes and ${made.links.length} links`)
  return made
}

function takes({ numbers, least }: Description): string {
  if (numbers.length === 0) return 'no numbers'
  const parts = numbers.map((number, at) => `${number}, ${least[at]} or more`)
  return `${numbers.length === 1 ? 'a number' : `${numbers.length} numbers`}: ${parts.join('; ')}`
}

const tooLarge = (what: string): LabError =>
  new LabError('USAGE', `that would be ${what}; a lab has at most ${LAB_LIMITS.nodes} and ${LAB_LIMITS.links}`)
