// Turns the operations that emulate links into netlink requests: the model's units become the kernel's.

import { TC_H_ROOT } from '../../kernel/netlink/rtnl/constants.js'
import type { Request } from '../../kernel/netlink/rtnl/request.js'
import { addClass, changeClass } from '../../kernel/netlink/rtnl/tc/class.js'
import { addSourceFilter } from '../../kernel/netlink/rtnl/tc/filter.js'
import { handle } from '../../kernel/netlink/rtnl/tc/message.js'
import type { NetemSettings } from '../../kernel/netlink/rtnl/tc/netem.js'
import { addQdisc, changeQdisc } from '../../kernel/netlink/rtnl/tc/qdisc.js'
import type { QdiscSettings as KernelSettings } from '../../kernel/netlink/rtnl/tc/qdisc-kinds.js'
import { distributionTable } from '../../model/distribution-table.js'
import type { ClassAdd, EmulationOp, NetemQdisc, QdiscAdd, QdiscSettings } from '../../plan/emulation/ops.js'
import { targetOf } from '../../plan/target.js'

const NS_PER_US = 1000
/**
 * netem sends no frame before the one ahead of it exactly where it has a rate (netem_enqueue in sch_netem.c). With this one, a
 * frame of 1,514 bytes takes 1.5 ns.
 */
const ORDER_KEEPING_BYTES_PER_SECOND = 1e12

/** The request that carries out one operation. */
export function emulationRequest(op: EmulationOp): Request {
  const where = { target: targetOf(op), index: op.index }
  switch (op.op) {
    case 'qdisc.add':
      return addQdisc({ ...where, handle: handle(op.major), parent: parentOf(op), qdisc: kernelSettings(op.qdisc) })
    case 'class.add': {
      const { id, parent } = op
      const numbers = { handle: handle(id.major, id.minor), parent: handle(parent.major, parent.minor) }
      return addClass({ ...where, ...numbers, settings: classSettings(op) })
    }
    case 'filter.add': {
      const { parent, priority, mac, id } = op
      const numbers = { parent: handle(parent.major, parent.minor), classId: handle(id.major, id.minor) }
      return addSourceFilter({ ...where, ...numbers, priority, mac })
    }
  }
}

/** The request that gives a discipline or a class that is there these settings; null for those without any that can be changed. */
export function changeRequest(op: EmulationOp): Request | null {
  const where = { target: targetOf(op), index: op.index }
  switch (op.op) {
    case 'qdisc.add': {
      if (op.qdisc.kind === 'htb') return null
      const { flows: _, ...settings } = { flows: undefined, ...kernelSettings(op.qdisc) }
      const numbers = { handle: handle(op.major), parent: parentOf(op) }
      return changeQdisc({ ...where, ...numbers, qdisc: settings as KernelSettings })
    }
    case 'class.add': {
      const { id, parent } = op
      const numbers = { handle: handle(id.major, id.minor), parent: handle(parent.major, parent.minor) }
      return changeClass({ ...where, ...numbers, settings: classSettings(op) })
    }
    case 'filter.add':
      return null
  }
}

const parentOf = ({ parent }: QdiscAdd): number => (parent === 'root' ? TC_H_ROOT : handle(parent.major, parent.minor))

function classSettings(op: ClassAdd) {
  const { overheadBytes, burstBytes, quantumBytes } = op
  return {
    rate: { bytesPerSecond: bytesOf(op.bitsPerSecond), overheadBytes },
    ceil: { bytesPerSecond: bytesOf(op.ceilBitsPerSecond), overheadBytes },
    ...{ burstBytes, ceilBurstBytes: burstBytes, quantumBytes },
  }
}

/** The settings of a discipline in the kernel's units. */
export function kernelSettings(qdisc: QdiscSettings): KernelSettings {
  switch (qdisc.kind) {
    case 'netem':
      return { kind: 'netem', ...netemSettings(qdisc) }
    case 'tbf': {
      const { bitsPerSecond, overheadBytes, burstBytes, limitBytes } = qdisc
      return { kind: 'tbf', bytesPerSecond: bytesOf(bitsPerSecond), overheadBytes, burstBytes, limitBytes }
    }
    case 'htb':
      return qdisc
    case 'pfifo':
      return { kind: 'pfifo', limit: qdisc.packets }
    case 'bfifo':
      return { kind: 'bfifo', limit: qdisc.bytes }
    case 'codel':
      return { kind: 'codel', ...codelSettings(qdisc) }
    case 'fq_codel': {
      const { flows, quantumBytes } = qdisc
      return { kind: 'fq_codel', ...codelSettings(qdisc), flows, quantumBytes }
    }
    case 'red': {
      const { bytes, minBytes, maxBytes, probability, ecn, bitsPerSecond } = qdisc
      const bytesPerSecond = bytesOf(bitsPerSecond)
      return { kind: 'red', limitBytes: bytes, minBytes, maxBytes, probability, ecn, bytesPerSecond }
    }
  }
}

/** The kernel counts whole bytes a second. */
const bytesOf = (bitsPerSecond: number): number => Math.max(1, Math.round(bitsPerSecond / 8))

const codelSettings = ({
  packets,
  targetNs,
  intervalNs,
  ecn,
}: Extract<QdiscSettings, { kind: 'codel' | 'fq_codel' }>) => ({
  limitPackets: packets,
  targetUs: Math.max(1, Math.round(targetNs / NS_PER_US)),
  intervalUs: Math.max(1, Math.round(intervalNs / NS_PER_US)),
  ecn,
})

function netemSettings(netem: NetemQdisc): NetemSettings {
  const { packets, delayNs, jitter, loss, duplicate, corrupt, reorder, seed } = netem
  const table = jitter && distributionTable(jitter.distribution)
  const keepsOrder = jitter !== null && !jitter.reorder
  return {
    limitPackets: packets,
    delayNs,
    ...(jitter === null ? {} : { jitterNs: jitter.amountNs, jitterCorrelation: jitter.correlation }),
    ...(table === null ? {} : { distribution: table }),
    ...(loss === null ? {} : { loss }),
    ...(duplicate === null ? {} : { duplicate }),
    ...(corrupt === null ? {} : { corrupt }),
    ...(reorder === null ? {} : { reorder }),
    ...(keepsOrder ? { rate: { ...NO_CELLS, bytesPerSecond: ORDER_KEEPING_BYTES_PER_SECOND } } : {}),
    ...(seed === null ? {} : { seed: BigInt(seed) }),
  }
}

const NO_CELLS = { overheadBytes: 0, cellBytes: 0, cellOverheadBytes: 0 }
