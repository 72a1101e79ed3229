// Whether the disciplines of an interface can get other settings where they are, so that frames in them are not lost.
import type { EmulationOp, QdiscAdd } from './ops.js'

/**
 * Whether the kernel can change what `before` made into what `after` makes. Otherwise the discipline at the root has to be
 * deleted, and `after` made.
 *
 * Changes have to be carried out in order: a tbf that is changed sets the limit of a fifo below it (tbf_change in sch_tbf.c).
 */
export function canChange(before: readonly EmulationOp[], after: readonly EmulationOp[]): after is QdiscAdd[] {
  return (
    before.length === after.length &&
    before.length > 0 &&
    before.every((old, at) => {
      const next = after[at]
      return old.op === 'qdisc.add' && next?.op === 'qdisc.add' && isSamePlace(old, next) && canChangeOne(old, next)
    })
  )
}

const isSamePlace = (old: QdiscAdd, next: QdiscAdd): boolean =>
  old.major === next.major && JSON.stringify(old.parent) === JSON.stringify(next.parent)

function canChangeOne({ qdisc: old }: QdiscAdd, { qdisc: next }: QdiscAdd): boolean {
  switch (next.kind) {
    case 'netem':
      // A table can be replaced, but not removed.
      return old.kind === 'netem' && (!hasTable(old) || hasTable(next))
    case 'htb':
      return false
    case 'fq_codel':
      return old.kind === 'fq_codel' && old.flows === next.flows
    default:
      return old.kind === next.kind
  }
}

const hasTable = ({ jitter }: Extract<QdiscAdd['qdisc'], { kind: 'netem' }>): boolean =>
  jitter !== null && jitter.distribution !== 'uniform'
