// The faults that a command can meet: each of its system calls with each error.
import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import { sitesOf } from '../inject/sites.mjs'
import { readTrace } from '../jail/command.mjs'
import { errnosOf, isRefusable } from './errnos.mjs'

/** Of calls of a node's first process about files in one directory. */
const ALIKE_MAX = 5

/**
 * @typedef {object} Fault a choice of jail/command.mjs with an error
 * @property {string} role
 * @property {string} call
 * @property {string} [object]
 * @property {number | 'all'} nth
 * @property {string} [errno]
 * @property {string} [answer]
 */

/**
 * All faults of a command, in random order: those that this jail is to inject. The command is run once. Each call has chances of
 * its own, since a trace has its calls in another order each time, and some only sometimes.
 *
 * @param {import('../jail/lab.mjs').AttackedLab} lab
 * @param {import('./subjects.mjs').Subject} subject
 * @param {{ worker: number, workers: number, long: boolean }} task
 * @returns {Promise<Fault[]>}
 */
export async function faultsOf(lab, subject, { worker, workers, long }, random) {
  lab.enter()
  await subject.before(lab)
  await lab.nslab(subject.words, { traced: true, ...inputOf(subject) })
  const all = thinned(shuffled(random, sitesOf(readTrace()))).flatMap((site) => faultsAt(site, random, long))
  const faults = [...new Map(all.map((fault) => [keyOf(fault), fault])).values()]
  lab.standing = null
  await lab.nslab(['down', '--all'])
  return shuffled(
    random,
    faults.filter((fault) => shareOf(fault, workers) === worker),
  )
}

/** The command's standard input, where it is not the lab's topology. @param {import('./subjects.mjs').Subject} subject */
export const inputOf = ({ input }) => (input === undefined ? {} : { input })

const siteOf = ({ role, call, object }) => `${role} ${call} ${object}`

/** A node does the same with each file of a directory of the machine's, and there may be hundreds. */
function thinned(sites) {
  const counts = new Map()
  return sites.filter(({ role, call, object }) => {
    if (!role.startsWith('spawn+')) return true
    const key = siteOf({ role, call, object: dirname(object) })
    counts.set(key, (counts.get(key) ?? 0) + 1)
    return counts.get(key) <= ALIKE_MAX
  })
}

/** Every error once, at a call that chance chooses; in long runs, every netlink request as well. Some at all calls of a name. */
function faultsAt({ role, call, object, nths }, random, long) {
  const action = call === 'close' ? 'answer' : 'errno'
  const errnos = errnosOf({ call, object })
  const own = random.fork(siteOf({ role, call, object }))
  const once = errnos.map((name) => ({ role, call, object, nth: own.pick(nths), [action]: name }))
  const requests = long && call === 'netlink' ? nths : []
  const refused = requests.map((nth) => ({ role, call, object, nth, errno: own.pick(errnos) }))
  const always = isRefusable({ call }) && !role.startsWith('cli') ? ['ENOSYS', 'EPERM'] : []
  return [...once, ...refused, ...always.map((errno) => ({ role, call, nth: 'all', errno }))]
}

const errorAt = (fault) => `${siteOf(fault)} ${fault.errno ?? fault.answer ?? ''}`

const keyOf = (fault) => `${errorAt(fault)} ${fault.nth}`

/** The same in every jail, whatever else its trace has, and whichever call of a site it has chosen. */
function shareOf(fault, workers) {
  return createHash('sha256').update(errorAt(fault)).digest().readUInt32LE() % workers
}

const shuffled = (random, list) =>
  list
    .map((each) => ({ each, at: random.fork(errorAt(each)).fraction() }))
    .sort((a, b) => a.at - b.at)
    .map(({ each }) => each)
