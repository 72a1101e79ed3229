// Virtual routing and forwarding: IFLA_VRF_* (linux/if_link.h). Equals `ip link add … type vrf`.
import { createLink, type NewLink } from './new-link.js'
import type { Request } from './request.js'

const VRF_TABLE = 1

/** @param vrf `table`: id of the routing table that its members use */
export const createVrf = (vrf: NewLink & { table: number }): Request =>
  createLink('vrf', vrf, (writer) => writer.u32(VRF_TABLE, vrf.table))
