// Random choices that a seed repeats.
import { createHash } from 'node:crypto'

/**
 * A source of random choices.
 *
 * @param {string} seed
 */
export function randomFrom(seed) {
  let counter = 0
  const next = () => createHash('sha256').update(`${seed} ${counter++}`).digest().readUInt32LE() / 2 ** 32
  return {
    /** From 0 up to, and without, 1. */
    fraction: next,
    /** A whole number, both ends included. @param {number} least @param {number} most */
    integer: (least, most) => least + Math.floor(next() * (most - least + 1)),
    /** @template T @param {readonly T[]} list @returns {T} */
    pick: (list) => list[Math.floor(next() * list.length)],
    /** A source of its own, so that one more choice here changes none there. @param {string} name */
    fork: (name) => randomFrom(`${seed}/${name}`),
  }
}
