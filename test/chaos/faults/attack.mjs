// In a jail: has one system call of a command fail, then one of another, and sees what comes of it.
import { createHash } from 'node:crypto'
import { sitesOf } from '../inject/sites.mjs'
import { readTrace, wasHit } from '../jail/command.mjs'
import { AttackedLab } from '../jail/lab.mjs'
import { summaryOf } from '../jail/snapshot.mjs'
import { USERS } from '../jail/users.mjs'
import { errnosOf, isRefusable } from './errnos.mjs'
import { INCOMPLETE, SUBJECTS, TOPOLOGY } from './subjects.mjs'
import { verdictOf } from './verdict.mjs'

/** Faults of one command, as one user, before the next has its turn. */
const BATCH = 10

/** @param {object} task see jail/inside.mjs; with `only`, one fault, whose outcome is told */
export async function attack(task) {
  const { random, isOver, fail, progress, only } = task
  const figures = { 'faults injected': 0, 'failed and said so': 0, 'done without': 0 }
  const labs = await preparedLabs(only ? [only.user] : Object.keys(USERS), fail)
  const pools = new Map()
  const attackWith = async (lab, subject, fault) => {
    lab.enter()
    const { failures, ending, result } = await attackOnce(lab, SUBJECTS[subject], fault)
    if (only) progress(`${ending}, exit status ${result.status}\n${result.stdout}${result.stderr}`)
    if (ending !== 'not met') figures['faults injected']++
    if (failures.length === 0 && ending === 'failed') figures['failed and said so']++
    if (failures.length === 0 && ending === 'done') figures['done without']++
    for (const failure of failures) fail({ subject, user: lab.user, fault, ...failure })
    if (failures.length > 0) await lab.wipe()
  }

  if (only) await attackWith(labs[0], only.subject, only.fault)
  const turns = only ? [] : weighted(SUBJECTS).flatMap((subject) => labs.map((lab) => ({ lab, subject })))
  while (turns.length > 0 && !isOver()) {
    const { lab, subject } = random.pick(turns)
    const key = `${lab.user} ${subject}`
    if (!pools.has(key)) pools.set(key, await poolOf(lab, SUBJECTS[subject], task, random.fork(key)))
    for (const fault of pools.get(key).splice(0, BATCH)) if (!isOver()) await attackWith(lab, subject, fault)
    for (const failure of await lab.ensureDown()) fail({ subject, user: lab.user, kind: 'leaves', text: failure })
    if (pools.get(key).length === 0)
      turns.splice(0, turns.length, ...turns.filter((turn) => `${turn.lab.user} ${turn.subject}` !== key))
  }
  return figures
}

/** Each as often as it weighs. */
const weighted = (subjects) => Object.entries(subjects).flatMap(([name, { weight }]) => Array(weight).fill(name))

/** One lab a user; those who cannot have one on this machine are left out. */
async function preparedLabs(users, fail) {
  const labs = users.map((user) => new AttackedLab(TOPOLOGY, user))
  const ready = []
  for (const lab of labs) {
    const why = await lab.prepare()
    if (why === null) ready.push(lab)
    else fail({ subject: 'up', user: lab.user, kind: 'lies', text: `without any fault: ${why}` })
  }
  return ready
}

/** All faults of a command, in random order: those that this jail is to inject. */
async function poolOf(lab, subject, { worker, workers }, random) {
  lab.enter()
  await subject.before(lab)
  await lab.nslab(subject.words, { traced: true })
  const faults = new Map(
    sitesOf(readTrace())
      .flatMap((site) => faultsAt(site, random))
      .map((each) => [keyOf(each), each]),
  )
  lab.standing = null
  await lab.nslab(['down', '--all'])
  return shuffled(
    random,
    [...faults.values()].filter((fault) => shareOf(fault, workers) === worker),
  )
}

/** Every error once, at a call of the site that chance chooses; some at all of its calls. */
function faultsAt({ role, call, object, nths }, random) {
  const action = call === 'close' ? 'answer' : 'errno'
  const once = errnosOf({ call, object }).map((name) => ({
    ...{ role, call, object, nth: random.pick(nths), [action]: name },
  }))
  const each = ['ENOSYS', 'EPERM'].map((errno) => ({ role, call, nth: 'all', errno }))
  return isRefusable({ call }) && !role.startsWith('cli') ? [...once, ...each] : once
}

const keyOf = ({ role, call, object, nth, errno, answer }) =>
  `${role} ${call} ${object} ${nth === 'all'} ${errno ?? answer}`

/** The same in every jail, whatever else its trace has. */
const shareOf = (fault, workers) => createHash('sha256').update(keyOf(fault)).digest().readUInt32LE() % workers

const shuffled = (random, list) =>
  list
    .map((each) => ({ each, at: random.fraction() }))
    .sort((a, b) => a.at - b.at)
    .map(({ each }) => each)

/** @returns what came of it: `failures` of nslab's, and how the command ended */
async function attackOnce(lab, subject, fault) {
  await subject.before(lab)
  const result = await lab.nslab(subject.words, { choice: fault })
  const { ending, faults } = wasHit() ? verdictOf(result, fault) : { ending: 'not met', faults: [] }
  if (ending === 'hung') return { result, ending, failures: faults }
  const isDone = result.status === 0
  // What ended badly may have left something, as long as the next command removes it.
  const isExcused = faults.length > 0 || ending === 'aborted'
  const check = isDone ? subject.done : subject.failed
  const wrong = await check(lab, isExcused ? { ...result, status: INCOMPLETE } : result)
  if (subject.isLast) lab.standing = null
  const kind = isDone ? 'lies' : 'leaves'
  return { result, ending, failures: [...faults, ...(wrong.length === 0 ? [] : [{ kind, text: summaryOf(wrong) }])] }
}
