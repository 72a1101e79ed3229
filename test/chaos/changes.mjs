// Random walks: a running lab follows a topology that is edited at random, by `apply`. After each step the kernel must have what a
// fresh `up` of the same text gives, and pings must pass as they do there.
import { runContained } from './contained.mjs'

export const title = 'Random walks'

/** @param {{ random: ReturnType<typeof import('./random.mjs').randomFrom>, long: boolean }} options */
export const run = (options) => runContained('changes/attack.mjs', options)
