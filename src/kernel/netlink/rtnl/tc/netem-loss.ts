// Loss models of netem: TCA_NETEM_LOSS with struct tc_netem_gemodel or tc_netem_gimodel (linux/pkt_sched.h).
import { Attributes } from '../reader.js'
import type { MessageWriter } from '../writer.js'
import { fromProbability, toProbability } from './numbers.js'

const LOSS_GI = 1
const LOSS_GE = 2

/** Probabilities are 0 to 1, named as in tc-netem(8). */
export type NetemLoss =
  | { model: 'random'; probability: number; correlation: number }
  /** `lossInBad` is 1 − h of the kernel's structure, `lossInGood` its k1. */
  | { model: 'gilbert-elliott'; p: number; r: number; lossInBad: number; lossInGood: number }
  | { model: 'state'; p13: number; p31: number; p32: number; p23: number; p14: number }

/** Random loss is no attribute, but a member of struct tc_netem_qopt. */
export function writeLoss(writer: MessageWriter, type: number, loss: NetemLoss): void {
  if (loss.model === 'random') return
  const nest = writer.nest(type, true)
  const { model } = loss
  const numbers =
    model === 'state'
      ? [loss.p13, loss.p31, loss.p32, loss.p14, loss.p23]
      : [loss.p, loss.r, 1 - loss.lossInBad, loss.lossInGood]
  writer.u32s(model === 'state' ? LOSS_GI : LOSS_GE, numbers.map(fromProbability))
  writer.endNest(nest)
}

/** undefined for random loss. */
export function readLoss(value: Buffer | undefined): NetemLoss | undefined {
  if (!value) return undefined
  const own = new Attributes(value)
  const state = own.get(LOSS_GI) && own.u32s(LOSS_GI).map(toProbability)
  if (state) {
    const [p13 = 0, p31 = 0, p32 = 0, p14 = 0, p23 = 0] = state
    return { model: 'state', p13, p31, p32, p23, p14 }
  }
  const [p = 0, r = 0, h = 0, lossInGood = 0] = own.u32s(LOSS_GE).map(toProbability)
  return { model: 'gilbert-elliott', p, r, lossInBad: 1 - h, lossInGood }
}
