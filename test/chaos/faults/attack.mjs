// In a jail: has one system call of a command fail, then one of another, and sees what comes of it.
import { wasHit } from '../jail/command.mjs'
import { AttackedLab, JailSpoiled } from '../jail/lab.mjs'
import { summaryOf } from '../jail/snapshot.mjs'
import { USERS } from '../jail/users.mjs'
import { faultsOf, inputOf } from './pool.mjs'
import { INCOMPLETE, SUBJECTS, TOPOLOGY, WIRE_TOPOLOGY } from './subjects.mjs'
import { verdictOf } from './verdict.mjs'

/** Faults of one command, as one user, before the next has its turn. */
const BATCH = 10
/** How a command may end that met a fault. */
const WELL = { done: 'did without', failed: 'failed and said so', aborted: 'ended at once' }

/** @param {object} task see jail/inside.mjs; with `only`, one fault, whose outcome is told */
export async function attack(task) {
  if (task.only) return await replay(task)
  const labs = await preparedLabs(task.fail)
  const pools = labs.flatMap((lab) =>
    Object.entries(SUBJECTS)
      .filter(([subject, { topology = TOPOLOGY }]) => topology === lab.topology && subject.includes(task.about ?? ''))
      .map(([subject, { weight }]) => ({ lab, subject, weight, faults: null })),
  )
  // However short the time, labs fail to be built: of one user in each jail.
  let next = pools.find(({ lab, subject }) => lab === labs[task.worker % labs.length] && /^up/.test(subject))
  while (pools.length > 0 && !task.isOver()) {
    const pool = next ?? task.random.pick(pools.flatMap((each) => Array(each.weight).fill(each)))
    next = undefined
    await attackBatch(task, pool)
    if (pool.faults.length === 0) pools.splice(pools.indexOf(pool), 1)
  }
}

async function replay({ only, fail, progress }) {
  const lab = new AttackedLab(SUBJECTS[only.subject].topology ?? TOPOLOGY, only.user)
  await lab.prepare()
  const { failures, ending, result } = await attackOnce(lab, SUBJECTS[only.subject], only.fault)
  progress(`${ending}, exit status ${result.status}\n${result.stdout}${result.stderr}`)
  for (const failure of failures) fail({ ...only, ...failure })
}

/** One lab of each topology for each user. */
async function preparedLabs(fail) {
  const labs = [TOPOLOGY, WIRE_TOPOLOGY].flatMap((topology) =>
    Object.keys(USERS).map((user) => new AttackedLab(topology, user)),
  )
  const ready = []
  for (const lab of labs) {
    const why = await lab.prepare()
    if (why === null) ready.push(lab)
    else fail({ subject: 'up', user: lab.user, kind: 'lies', text: `without any fault: ${why}` })
  }
  return ready
}

async function attackBatch(task, pool) {
  const { lab, subject } = pool
  const { user } = lab
  pool.faults ??= await faultsOf(lab, SUBJECTS[subject], task, task.random.fork(`${user} ${subject}`))
  for (const fault of pool.faults.splice(0, BATCH)) {
    if (task.isOver()) break
    lab.enter()
    const { failures, ending } = await outcomeOf(lab, SUBJECTS[subject], fault)
    task.count(ending === 'not met' ? 'faults that were not met' : 'faults injected')
    if (failures.length === 0 && ending !== 'not met') task.count(`commands that ${WELL[ending]}`)
    for (const failure of failures) task.fail({ subject, user, fault, ...failure })
    if (failures.length > 0) await lab.wipe()
  }
  for (const text of await lab.ensureDown()) task.fail({ subject, user, kind: 'leaves', text })
}

/** What keeps the attack from going on is a failure like others. */
async function outcomeOf(lab, subject, fault) {
  try {
    return await attackOnce(lab, subject, fault)
  } catch (error) {
    if (error instanceof JailSpoiled) throw error
    return { ending: 'hung', failures: [{ kind: 'leaves', text: error.message }] }
  }
}

/** @returns what came of it: `failures` of nslab's, and how the command ended */
async function attackOnce(lab, subject, fault) {
  await subject.before(lab)
  const result = await lab.nslab(subject.words, { choice: fault, ...inputOf(subject) })
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
