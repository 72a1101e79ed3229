// Damages the directories of labs in every way, and tries every command on them.
import { tryCase } from './case.mjs'
import { COMMANDS } from './commands.mjs'
import { DAMAGES } from './damages.mjs'
import { Site } from './site.mjs'

const USER = 65_501
/** As many as keep two processors busy. The last belongs to an ordinary user. */
const OWNERS = [0, 0, USER]
/** Of a short run. */
const CASES = 180

/** @param {{ random: ReturnType<typeof import('../random.mjs').randomFrom>, long: boolean, about?: string }} options */
export async function attack({ random, long, about }) {
  const cases = (long ? everything() : sample(random)).filter(({ damage }) => damage.name.includes(about ?? ''))
  const sites = OWNERS.map((uid, number) => new Site(uid, number))
  /** @type {Map<string, { how: string, count: number }>} */
  const found = new Map()
  await Promise.all(
    sites.map(async (site, number) => {
      // The same ones of each seed, whichever site is quicker.
      for (const each of cases.filter((_, index) => index % sites.length === number)) {
        for (const { what, how } of await tryCase(site, each)) {
          const key = `${each.damage.name}: ${what} (${each.runs ? 'the lab runs' : 'the lab is dead'})`
          const known = found.get(key)
          // The shortest is the clearest.
          const shown = known && known.how.length <= how.length ? known.how : how
          found.set(key, {
            how: site.uid === 0 ? shown : `as an ordinary user: ${shown}`,
            count: (known?.count ?? 0) + 1,
          })
        }
      }
    }),
  )
  return {
    figures: { damages: DAMAGES.length, commands: COMMANDS.length, 'labs damaged': cases.length },
    failures: [...found].sort().map(([key, { how, count }]) => `${key}${count > 1 ? `, ${count} times` : ''}: ${how}`),
  }
}

const everything = () =>
  [true, false].flatMap((runs) => DAMAGES.flatMap((damage) => COMMANDS.map((command) => ({ runs, damage, command }))))

/** Every damage to a lab that runs, and others to one that is dead, with one command each. */
function sample(random) {
  const one = (damage, runs) => ({ damage, runs, command: random.pick(COMMANDS) })
  const running = DAMAGES.map((damage) => one(damage, true))
  const dead = Array.from({ length: CASES - running.length }, () => one(random.pick(DAMAGES), false))
  return [...dead, ...running]
}
