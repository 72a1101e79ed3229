// What the kernel says of an interface, in the words of a plan. Pure.
import { gsoMaxSegsOf, type LinkInfo, parseLink } from '../../kernel/netlink/rtnl/link.js'
import { type LinkSettings, parseLinkSettings } from '../../kernel/netlink/rtnl/link-settings.js'
import type { ObservedInterface } from '../../plan/change/observed.js'
import { wordsOf } from '../requests/device-settings.js'

/** Length of a MAC address in text. Tunnels over IP have addresses of other lengths, which are settings of theirs. */
const MAC_LENGTH = 17

/** An interface, without what other messages say of it. */
export type ReadLink = Omit<ObservedInterface, 'peer' | 'wireguard' | 'disciplines' | 'sysctls'> & {
  /** Of a veth end: ifindex of the other end, in another namespace if `peerNetnsId` is not null. null for other kinds. */
  peerIndex: number | null
  peerNetnsId: number | null
}

/** Reads the payload of an RTM_NEWLINK. */
export function readLink(payload: Buffer): ReadLink {
  const link = parseLink(payload)
  const settings = parseLinkSettings(payload)
  const isVeth = link.kind === 'veth'
  return {
    index: link.index,
    name: link.name,
    kind: kindOf(link, settings),
    mac: link.kind === 'loopback' || link.mac?.length !== MAC_LENGTH ? null : link.mac,
    mtu: link.mtu,
    up: link.up,
    running: link.running,
    master: link.master,
    gsoMaxSegs: gsoMaxSegsOf(payload),
    settings: settings && wordsOf(settings),
    peerIndex: isVeth ? link.peerIndex : null,
    peerNetnsId: isVeth ? link.peerNetnsId : null,
  }
}

function kindOf({ kind }: LinkInfo, settings: LinkSettings | null): string {
  if (settings?.kind === 'tun') return settings.mode === 'tap' ? 'tap' : 'tun'
  return kind ?? 'device'
}
