// Hostile state: every file of a lab's directory damaged in every way, against every command.
import { runContained } from './contained.mjs'

export const title = 'Hostile state'

/** @param {{ random: ReturnType<typeof import('./random.mjs').randomFrom>, long: boolean }} options */
export const run = (options) => runContained('state/attack.mjs', options)
