// The queueing disciplines and classes of a network namespace that are not the kernel's own choice.
import { KernelError } from '../../errors.js'
import type { ReadingSocket } from '../../kernel/netlink/reading-socket.js'
import { EOPNOTSUPP } from '../../kernel/netlink/rtnl/constants.js'
import { listClasses, parseClass } from '../../kernel/netlink/rtnl/tc/class.js'
import { readObject, type TcHeader } from '../../kernel/netlink/rtnl/tc/message.js'
import { listQdiscs } from '../../kernel/netlink/rtnl/tc/qdisc.js'
import type { ObservedInterface } from '../../plan/change/observed.js'

type Discipline = ObservedInterface['disciplines'][number]
/** By ifindex. */
export type Disciplines = ReadonlyMap<number, Discipline[]>

/** The thread must be in the namespace. @throws KernelError */
export function readDisciplines(socket: ReadingSocket): Disciplines {
  const found = new Map<number, Discipline[]>()
  const add = ({ index, ...discipline }: Discipline & { index: number }) => {
    const those = found.get(index)
    if (those) those.push(discipline)
    else found.set(index, [discipline])
  }
  const qdiscs = listed(socket)
  for (const qdisc of qdiscs) add(qdisc)
  for (const index of new Set(qdiscs.flatMap(({ kind, index: at }) => (kind === 'htb' ? [at] : [])))) {
    for (const each of socket.dump(listClasses(index, `interface ${index}`), parseClass))
      if (each.settings) add(disciplineOf(each))
  }
  return found
}

/** Those that the kernel chose have no number. None where the kernel was built without any. */
function listed(socket: ReadingSocket): (Discipline & { index: number })[] {
  try {
    return socket.dump(listQdiscs(), (payload) => {
      const object = readObject(payload)
      return object.handle === 0 ? undefined : disciplineOf(object)
    })
  } catch (error) {
    if (error instanceof KernelError && error.errno === EOPNOTSUPP) return []
    throw error
  }
}

const disciplineOf = ({
  index,
  kind,
  parent,
  handle,
}: TcHeader & { kind: string }): Discipline & { index: number } => ({
  ...{ index, kind, parent, handle },
})
