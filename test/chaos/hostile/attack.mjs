// Tries what a hostile neighbour and a hostile node may try, and compares what comes of it with the refusal that is expected.
import { program } from '../command.mjs'
import { attackers } from './rows.mjs'
import { SCENARIOS } from './scenarios.mjs'
import { ATTEMPT, README, Setting, STRANGER } from './setting.mjs'
import { STRANGERS } from './strangers.mjs'
import { WIRES } from './wires.mjs'

/** @typedef {{ who: string, attempt: string, expected: string, found: string, holds: boolean }} Result */

export async function attack() {
  const setting = await Setting.make()
  /** @type {Result[]} */
  const results = []
  try {
    for (const attacker of attackers(setting)) results.push(...(await tried(attacker)))
    for (const { who, attempt, expected, run } of [...SCENARIOS, ...STRANGERS, ...WIRES]) {
      const found = await run(setting)
      results.push({ who, attempt, expected, found: found ?? 'as expected', holds: found === null })
    }
  } finally {
    await setting.close()
  }
  const broken = results.filter(({ holds }) => !holds)
  return {
    figures: { attempts: results.length, 'attempts refused as expected': results.length - broken.length },
    failures: broken.map(
      ({ who, attempt, expected, found }) => `${who}: ${attempt}: expected ${expected}, found ${found}`,
    ),
  }
}

/** Makes all attempts of one attacker in one command. @returns {Promise<Result[]>} */
async function tried({ who, how, rows, run }) {
  const words = rows.flatMap(({ attempt }, at) => [...(at === 0 ? [] : ['--']), ...attempt.split(' ')])
  const { stdout, stderr } = await run([ATTEMPT, ...words])
  const lines = stdout.trim().split('\n')
  if (lines.length !== rows.length) throw new Error(`${who}: ${lines.length} of ${rows.length} attempts: ${stderr}`)
  const results = []
  for (const [at, { attempt, expected, said }] of rows.entries()) {
    const found = lines[at]
    const wanted = expected === 'alike' ? await asStranger(attempt) : expected
    const isSaid = found.startsWith('done') && said?.test(README)
    const shown = `${how} ${ATTEMPT} ${attempt}`.trim()
    const also = said ? `${wanted}, or words in the README` : wanted
    results.push({ who, attempt: shown, expected: also, found, holds: isSaid || wanted.split(' ').includes(found) })
  }
  return results
}

/** What any user of the machine gets. */
async function asStranger(attempt) {
  const { stdout } = await program([ATTEMPT, ...attempt.split(' ')], { uid: STRANGER })
  return stdout.trim()
}
