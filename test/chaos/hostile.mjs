// A hostile neighbour and a hostile node: a table of attempts, each with the refusal that is expected.
import { runContained } from './contained.mjs'

export const title = 'A hostile neighbour and a hostile node'

/** @param {{ random: ReturnType<typeof import('./random.mjs').randomFrom>, long: boolean }} options */
export const run = (options) => runContained('hostile/attack.mjs', options)
