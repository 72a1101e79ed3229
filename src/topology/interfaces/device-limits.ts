// Refuses an MTU that is too large or too small for an interface, which the kernel refuses with a bare errno.

import { TRAITS } from '../../model/interfaces/kinds.js'
import type { ResolvedInterface } from '../../model/resolved.js'
import type { WrittenDevice } from '../schema/interfaces/interfaces.js'
import type { Faults } from '../source/faults.js'
import { IPV6_MIN_MTU } from '../wiring/end-settings.js'

/** @param all the interfaces of the node; the MTU of the interface below this one must be set already */
export function refuseMtu(
  node: string,
  { name, mtu, addresses }: ResolvedInterface,
  device: WrittenDevice,
  all: readonly ResolvedInterface[],
  faults: Faults,
): void {
  const refuse = (message: string) =>
    device.mtu === undefined
      ? faults.add(['nodes', node, 'interfaces', name], message, 'key')
      : faults.add(['nodes', node, 'interfaces', name, 'mtu'], message)
  const below = 'parent' in device && TRAITS[device.kind].parent.limitsMtu ? device.parent : undefined
  const most = all.find((each) => each.name === below)?.mtu
  if (most !== undefined && mtu > most) refuse(`${name} sends by ${below}, whose mtu is ${most}`)
  if (mtu < IPV6_MIN_MTU && addresses.some((address) => address.includes(':')))
    refuse(`IPv6 needs an mtu of ${IPV6_MIN_MTU} or more, and that of ${name} is ${mtu}`)
}
