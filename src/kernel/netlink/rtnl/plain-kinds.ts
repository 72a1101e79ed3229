// Kinds without attributes of their own: dummy, ifb and wireguard, whose keys are written by src/kernel/netlink/genl. Equals
// `ip link add … type KIND`.
import { createLink, type NewLink } from './new-link.js'
import type { Request } from './request.js'

export type PlainKind = 'dummy' | 'ifb' | 'wireguard'

export const createPlain = (kind: PlainKind, link: NewLink): Request => createLink(kind, link)

export const readPlain = () => ({})
