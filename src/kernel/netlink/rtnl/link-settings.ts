// Reads what a link's kind has of its own (IFLA_INFO_DATA): the reverse of the builders in the kinds' files. Apart from
// `parseLink`, so that only a caller who compares a link pays for it.
import type { KernelLinkKind } from '../../../features.js'
import { IFINFOMSG_LENGTH, IFLA_INFO_DATA, IFLA_INFO_KIND, IFLA_LINKINFO } from './constants.js'
import { LINK_KINDS } from './link-kinds.js'
import { Attributes, textOf } from './reader.js'
import { readTun } from './tun.js'

/** IFLA_INFO_KIND of every kind that can be read. A tun and a tap, which are made by ioctl(2), are a `tun` with a mode. */
export type LinkKind = KernelLinkKind | 'tun'

type Readers = { [K in KernelLinkKind]: (typeof LINK_KINDS)[K]['read'] } & { tun: typeof readTun }

/** A kind, and the settings that its builder takes beside those of every link (NewLink). */
export type LinkSettings = { [K in LinkKind]: { kind: K } & ReturnType<Readers[K]> }[LinkKind]

const NO_DATA = Buffer.alloc(0)

/** Reads the payload of an RTM_NEWLINK; null for the loopback interface, a card, and a kind that nslab does not make. */
export function parseLinkSettings(payload: Buffer): LinkSettings | null {
  const link = new Attributes(payload, IFINFOMSG_LENGTH)
  const info = link.get(IFLA_LINKINFO)
  if (!info) return null
  const own = new Attributes(info)
  const kind = textOf(own.get(IFLA_INFO_KIND))
  if (!isLinkKind(kind)) return null
  const data = new Attributes(own.get(IFLA_INFO_DATA) ?? NO_DATA)
  const read = kind === 'tun' ? readTun : LINK_KINDS[kind].read
  return { kind, ...read(data, link) } as LinkSettings
}

const isLinkKind = (kind: string | null): kind is LinkKind =>
  kind !== null && (kind === 'tun' || Object.hasOwn(LINK_KINDS, kind))
