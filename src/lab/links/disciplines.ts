// The queueing disciplines of an interface of a running lab: changed in place where their structure stays, so that frames in
// their queues are kept, else replaced by others.
import { constants } from 'node:os'
import { KernelError, LabError } from '../../errors.js'
import { TC_H_CLSACT, TC_H_ROOT } from '../../kernel/netlink/rtnl/constants.js'
import { listClasses, parseClass } from '../../kernel/netlink/rtnl/tc/class.js'
import { listFilters, parseSourceFilter } from '../../kernel/netlink/rtnl/tc/filter.js'
import { handle } from '../../kernel/netlink/rtnl/tc/message.js'
import { deleteQdisc, listQdiscs, parseQdisc, type QdiscInfo } from '../../kernel/netlink/rtnl/tc/qdisc.js'
import type { NetlinkSocket } from '../../kernel/netlink/socket.js'
import type { Direction } from '../../model/impairment.js'
import { directionOps } from '../../plan/emulation/direction.js'
import type { EmulationOp, TcNumber } from '../../plan/emulation/ops.js'
import type { Sender } from '../../plan/emulation/qdiscs.js'
import { changeRequest, emulationRequest } from '../requests/emulation-requests.js'

/**
 * Gives an interface the disciplines of a direction.
 *
 * @param before what it should have now, to which it returns when the kernel refuses the new one
 * @throws KernelError; LabError KERNEL_REFUSED when the interface has disciplines that are not nslab's
 */
export async function setDisciplines(
  socket: NetlinkSocket,
  sender: Sender,
  before: Direction,
  after: Direction,
): Promise<void> {
  await refuseForeign(socket, sender, 'root')
  const [old, next] = [directionOps(sender, before), directionOps(sender, after)]
  try {
    await make(socket, sender, old, next)
  } catch (error) {
    await make(socket, sender, next, old)
    throw error
  }
}

/**
 * @param place `root`: for what is sent; `any`: also filters on what is received (clsact)
 * @throws LabError KERNEL_REFUSED when an interface has disciplines that are not nslab's
 */
export async function refuseForeign(socket: NetlinkSocket, sender: Sender, place: 'root' | 'any'): Promise<void> {
  const found = await (place === 'root' ? qdiscsOf(socket, sender) : allQdiscsOf(socket, sender))
  const foreign = found.find(isForeign)
  if (!foreign) return
  const name = `${foreign.kind} ${(foreign.handle >>> 16).toString(16)}:`
  throw new LabError(
    'KERNEL_REFUSED',
    `${sender.node}:${sender.interface} has a queueing discipline that nslab did not make: ${name}`,
    { hint: `\`nslab exec ${sender.node} -- tc qdisc show dev ${sender.interface}\` shows it; delete it first` },
  )
}

const OUR_KINDS: readonly string[] = ['netem', 'tbf', 'htb', 'pfifo', 'bfifo', 'codel', 'fq_codel', 'red']
/** nslab numbers the discipline at the root 1 to 3, the kernel those that nobody numbers from 0x8000 on. */
const MOST_ROOT = 3
const isForeign = ({ handle: id, parent, kind }: QdiscInfo): boolean =>
  !OUR_KINDS.includes(kind) || (parent === TC_H_ROOT && id >>> 16 > MOST_ROOT)

async function make(
  socket: NetlinkSocket,
  sender: Sender,
  old: readonly EmulationOp[],
  next: readonly EmulationOp[],
): Promise<void> {
  const found = await structureOf(socket, sender)
  if (areSame(found, next.map(nameOf)) && !mustReplace(old, next)) {
    // The whole set, and from the root on: a tbf that is changed gives its limit to the queue below it as well (tbf_change).
    await socket.send(next.flatMap((op) => changeRequest(op) ?? []))
    return
  }
  if (found.length > 0) await socket.send([deleteRoot(sender)]).catch(ignoreMissing)
  await socket.send(next.map(emulationRequest))
}

/** What the kernel cannot change in place, although the structure stays. */
function mustReplace(old: readonly EmulationOp[], next: readonly EmulationOp[]): boolean {
  return next.some((op) => {
    const before = old.find((each) => nameOf(each) === nameOf(op))
    if (op.op !== 'qdisc.add') return false
    // What is not in the state is not known.
    if (before?.op !== 'qdisc.add') return true
    if (op.qdisc.kind === 'fq_codel' && before.qdisc.kind === 'fq_codel') return op.qdisc.flows !== before.qdisc.flows
    if (op.qdisc.kind !== 'netem' || before.qdisc.kind !== 'netem') return false
    // A table can be replaced by another one, but not removed (netem_change in sch_netem.c).
    const [has, had] = [op.qdisc, before.qdisc].map(
      ({ jitter }) => jitter !== null && jitter.distribution !== 'uniform',
    )
    return had === true && has === false
  })
}

const deleteRoot = ({ node, interface: name, index }: Sender) =>
  deleteQdisc({ target: `${node}:${name}`, index, handle: 0, parent: TC_H_ROOT })

function ignoreMissing(error: unknown): void {
  const isMissing =
    error instanceof KernelError && [constants.errno.ENOENT, constants.errno.EINVAL].includes(error.errno)
  if (!isMissing) throw error
}

/** Those for what is sent. */
const qdiscsOf = async (socket: NetlinkSocket, sender: Sender): Promise<QdiscInfo[]> =>
  (await allQdiscsOf(socket, sender)).filter(({ parent }) => parent !== TC_H_CLSACT)

/** The disciplines of an interface but for the kernel's default one. */
async function allQdiscsOf(socket: NetlinkSocket, { index }: Sender): Promise<QdiscInfo[]> {
  const all = (await socket.dump(listQdiscs())).map(parseQdisc)
  return all.filter((each) => each.index === index && each.handle !== 0)
}

/** Names of the disciplines, classes and filters that the kernel has, as `nameOf` has them. */
async function structureOf(socket: NetlinkSocket, sender: Sender): Promise<string[]> {
  const target = `${sender.node}:${sender.interface}`
  const qdiscs = await qdiscsOf(socket, sender)
  const hasClasses = qdiscs.some(({ kind }) => kind === 'htb')
  const classes = hasClasses ? (await socket.dump(listClasses(sender.index, target))).map(parseClass) : []
  const filters = hasClasses
    ? (await socket.dump(listFilters(sender.index, handle(1), target))).map(parseSourceFilter)
    : []
  return [
    ...qdiscs.map(({ handle: id, parent, kind }) => qdiscName(id, parent, kind)),
    ...classes.flatMap(({ handle: id, parent, settings }) => (settings ? [className(id, parent)] : [])),
    ...filters.flatMap((filter) => (filter ? [filterName(filter.priority, filter.mac, filter.classId)] : [])),
  ]
}

function nameOf(op: EmulationOp): string {
  switch (op.op) {
    case 'qdisc.add':
      return qdiscName(handle(op.major), op.parent === 'root' ? TC_H_ROOT : numberOf(op.parent), op.qdisc.kind)
    case 'class.add':
      return className(numberOf(op.id), op.parent.minor === 0 ? TC_H_ROOT : numberOf(op.parent))
    case 'filter.add':
      return filterName(op.priority, op.mac, numberOf(op.id))
  }
}

const numberOf = ({ major, minor }: TcNumber): number => handle(major, minor)
const qdiscName = (id: number, parent: number, kind: string) => `qdisc ${id} ${parent} ${kind}`
const className = (id: number, parent: number) => `class ${id} ${parent}`
const filterName = (priority: number, mac: string, id: number) => `filter ${priority} ${mac} ${id}`

const areSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && new Set([...a, ...b]).size === a.length
