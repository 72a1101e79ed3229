// Kinds that have nothing of their own to say when they are made: dummy, ifb, wireguard (whose keys come by
// src/kernel/genl). Equals `ip link add … type KIND`.
import { createLink, type NewLink } from './new-link.js'
import type { Request } from './request.js'

export type PlainKind = 'dummy' | 'ifb' | 'wireguard'

export const createPlain = (kind: PlainKind, link: NewLink): Request => createLink(kind, link)
