// What several macvlan and ipvlan interfaces on one parent keep from each other: the kernel would say EBUSY or EINVAL.

import type { WrittenDevice } from '../schema/interfaces/interfaces.js'
import type { Master } from './node-stack.js'

type Device = Extract<WrittenDevice, { kind: 'macvlan' | 'ipvlan' }>

/**
 * Why each of a node's devices cannot stand where it does, by its name.
 *
 * @param masters by member, what takes the packets of it
 */
export function parentFaults(
  devices: ReadonlyMap<string, WrittenDevice>,
  masters: ReadonlyMap<string, Master>,
): Map<string, string> {
  const faults = new Map<string, string>()
  const onParent = new Map<string, [name: string, Device][]>()
  for (const [name, device] of devices) {
    if (device.kind !== 'macvlan' && device.kind !== 'ipvlan') continue
    const { kind, parent } = device
    const master = masters.get(parent)
    const others = onParent.get(parent) ?? []
    onParent.set(parent, [...others, [name, device]])
    if (master && master.kind !== 'vrf') {
      faults.set(name, `${master.name} takes what comes in by ${parent}, its member: no ${kind} can stand on that too`)
    }
    for (const [other, its] of others) {
      const alone = [device, its].some(({ mode }) => mode === 'passthru')
      if (its.kind !== kind)
        faults.set(name, `${other} on ${parent} is of kind ${its.kind}: nothing of another kind can be there`)
      else if (alone) faults.set(name, `${other} is on ${parent}, and a macvlan with \`mode: passthru\` is alone there`)
    }
  }
  return faults
}
