// The program in a jail: reads its task from standard input, runs the attack, and says what came of it, a JSON line each.
//
// The module of an attack exports `attack(task)`, where the task has, beside what its part has put there:
//
//   random, long                  as the part was given them, with a seed of this jail's own
//   worker, workers               which of how many jails this is
//   isOver()                      whether the time is up
//   count(figure, by = 1)         adds to a figure; figures are added up over all jails
//   fail(failure)                 tells of a failure, a text or what the part makes a text of
//   progress(text)                says something on standard error
import { chownSync, mkdirSync, readFileSync } from 'node:fs'
import { randomFrom } from '../random.mjs'
import { environmentOf, USERS } from './users.mjs'

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)

function makeHomes() {
  mkdirSync('/run/user')
  for (const [name, { uid }] of Object.entries(USERS)) {
    const { HOME, XDG_RUNTIME_DIR } = environmentOf(name)
    for (const path of [HOME, XDG_RUNTIME_DIR]) {
      if (path === undefined) continue
      mkdirSync(path, { mode: 0o700 })
      chownSync(path, uid, uid)
    }
  }
}

const task = JSON.parse(readFileSync(0, 'utf8'))
makeHomes()
process.chdir('/')
const { attack } = await import(new URL(`../${task.module}`, import.meta.url).href)
const deadline = performance.now() + task.seconds * 1000
const figures = {}
try {
  await attack({
    ...task,
    random: randomFrom(`${task.seed}`),
    isOver: () => performance.now() > deadline,
    count: (figure, by = 1) => {
      figures[figure] = (figures[figure] ?? 0) + by
    },
    fail: (failure) => say({ failure }),
    progress: (progress) => say({ progress }),
  })
} catch (error) {
  say({ failure: `the attack ended early: ${error.stack}` })
}
say({ figures })
