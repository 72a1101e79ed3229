// Walks of several labs side by side: as root and as a user, with and without `apply` being killed on the way.
import { chmodSync, chownSync, mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { Walk } from './walk.mjs'

const SECONDS = { short: 40, long: 3600 }
const STEPS = 12
const AT_ONCE = 2
const UID = 61_900

/** @param {{ random: ReturnType<typeof import('../random.mjs').randomFrom>, long: boolean }} options */
export async function attack({ random, long }) {
  const counts = { walks: 0, steps: 0, killed: 0, refused: 0, differences: 0, pings: 0 }
  const failures = []
  const until = performance.now() + 1000 * (long ? SECONDS.long : SECONDS.short)
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (performance.now() < until) {
        const number = counts.walks++
        const uid = number % 3 === 2 ? UID : 0
        const walk = new Walk({
          random: random.fork(String(number)),
          place: placeOf(uid),
          name: `walk${number}`,
          uid,
          counts,
        })
        failures.push(...(await walk.run(STEPS, until)).map((fault) => `walk ${number}, user ${uid}: ${fault}`))
      }
    }),
  )
  return {
    figures: {
      walks: counts.walks,
      'changes that were applied': counts.steps,
      'commands `apply` that were killed before': counts.killed,
      'edits that no topology can have': counts.refused,
      'differences that were applied': counts.differences,
      'pairs that were pinged': counts.pings,
    },
    failures,
  }
}

function placeOf(uid) {
  const place = mkdtempSync('/tmp/walk-')
  chmodSync(place, 0o711)
  const state = join(place, 'state')
  mkdirSync(state, 0o711)
  chownSync(place, uid, uid)
  chownSync(state, uid, uid)
  return place
}
