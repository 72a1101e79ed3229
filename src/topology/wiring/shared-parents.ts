// Interfaces that share the network of their parent, such as macvlan and ipvlan. The kernel refuses two kinds of them on one
// parent, and one on a port of a bridge or a member of a bond, with EBUSY or EINVAL.
import { TRAITS } from '../../model/interfaces/kinds.js'
import type { WrittenDevice } from '../schema/interfaces/interfaces.js'
import { addressedMaster, type Master } from './node-stack.js'

/**
 * The reason why an interface cannot stand on its parent, by name of the interface.
 *
 * @param masters by name of the member
 */
export function parentFaults(
  devices: ReadonlyMap<string, WrittenDevice>,
  masters: ReadonlyMap<string, Master>,
): Map<string, string> {
  const faults = new Map<string, string>()
  const onParent = new Map<string, [name: string, WrittenDevice][]>()
  for (const [name, device] of devices) {
    if (!('parent' in device) || !TRAITS[device.kind].parent.sharesNetwork) continue
    const { kind, parent } = device
    const master = addressedMaster(masters.get(parent))
    const others = onParent.get(parent) ?? []
    onParent.set(parent, [...others, [name, device]])
    if (master) {
      faults.set(
        name,
        `${master.name} takes the packets of ${parent}, its member, so no ${kind} can stand on ${parent}`,
      )
    }
    for (const [other, its] of others) {
      const alone = [device, its].some((each) => each.kind === 'macvlan' && each.mode === 'passthru')
      if (its.kind !== kind)
        faults.set(name, `${other} on ${parent} is of kind ${its.kind}, so no ${kind} can be there too`)
      else if (alone) faults.set(name, `${other} is on ${parent}, and a macvlan with \`mode: passthru\` is alone there`)
    }
  }
  return faults
}
