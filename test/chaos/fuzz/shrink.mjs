// Makes a text that shows a fault smaller, as long as it shows the fault.

/** Tries in all; each may take seconds. */
const TRIES = 150

/**
 * @param {string} text
 * @param {(text: string) => Promise<boolean>} isBad
 * @returns {Promise<string>}
 */
export async function shrunk(text, isBad) {
  const isBadJoined = (parts) => isBad(parts.join(''))
  const lines = await withoutParts(text.split(/(?<=\n)/), isBadJoined)
  return (await withoutParts(lines.join('').split(/(?<=[\s{}[\],:])/), isBadJoined)).join('')
}

/**
 * Leaves out half of the parts, a quarter, and so on.
 *
 * @template T
 * @param {T[]} parts
 * @param {(parts: T[]) => Promise<boolean>} isBad
 * @returns {Promise<T[]>}
 */
export async function withoutParts(parts, isBad) {
  let left = parts
  let tries = TRIES
  for (let length = Math.ceil(left.length / 2); length >= 1; length = length === 1 ? 0 : Math.ceil(length / 2)) {
    for (let at = 0; at < left.length; ) {
      const fewer = left.toSpliced(at, length)
      if (tries-- <= 0) return left
      if (await isBad(fewer)) left = fewer
      else at += length
    }
  }
  return left
}
