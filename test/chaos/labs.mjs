// Random labs against an oracle of reachability, which knows the text alone and nothing of nslab.
import { runContained } from './contained.mjs'

export const title = 'Random labs'

/** @param {{ random: ReturnType<typeof import('./random.mjs').randomFrom>, long: boolean }} options */
export const run = (options) => runContained('labs/attack.mjs', options)
