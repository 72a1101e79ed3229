// Virtual routing and forwarding: IFLA_VRF_* (linux/if_link.h). Equals `ip link add … type vrf`.
import { createLink, type NewLink } from './new-link.js'
import type { Attributes } from './reader.js'
import type { Reported } from './reported.js'
import type { Request } from './request.js'

const VRF_TABLE = 1

export interface VrfSettings {
  /** Id of the routing table that its members use. */
  table: number
}

export const createVrf = (vrf: NewLink & VrfSettings): Request =>
  createLink('vrf', vrf, (writer) => writer.u32(VRF_TABLE, vrf.table))

export const readVrf = (data: Attributes): Reported<VrfSettings> => ({ table: data.u32(VRF_TABLE) })
