// Soak: labs are made and taken down hundreds of times, and descriptors, memory, slab, namespaces, cgroups, mounts, keys and
// files do not grow.
import { runContained } from './contained.mjs'

export const title = 'Soak'

/** @param {{ random: ReturnType<typeof import('./random.mjs').randomFrom>, long: boolean }} options */
export const run = (options) => runContained('soak/attack.mjs', options)
