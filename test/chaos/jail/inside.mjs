// The program in a jail: reads its task from standard input, runs the attack, and says what came of it, a JSON line each.
//
// The module of an attack exports `attack(task)`, where the task has, beside what its part has put there, `random`, `long`,
// `worker` of `workers`, `isOver()`, which says that the time is up, and `fail(text)`, which tells of a failure at once. It
// resolves to figures, which are added up over all jails.
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
const figures = await attack({
  ...task,
  random: randomFrom(`${task.seed}`),
  isOver: () => performance.now() > deadline,
  fail: (failure) => say({ failure }),
  progress: (progress) => say({ progress }),
})
say({ figures })
