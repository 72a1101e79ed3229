// Which WireGuard peers are started: those of devices that get new settings, and those whose endpoints or keepalives differ. An
// endpoint that the kernel learned is no difference. Pure.

import type { Difference } from '../../model/change/lab-change.js'
import type { WireguardPeer, WireguardSettings } from '../../model/interfaces/wireguard.js'
import type { WireguardStart } from '../op.js'
import type { ChangeContext } from './context.js'
import { placeKey } from './facts/fact.js'
import { isSame } from './facts/same.js'

export function changedStarts(
  rounds: readonly (readonly WireguardStart[])[],
  context: ChangeContext,
): WireguardStart[][] {
  const { wanted, removing, before } = context
  const own = rounds.map((round) =>
    round.flatMap((start): WireguardStart[] => {
      const key = `wireguard ${placeKey(start)}`
      const [now, next] = [removing.kernel.get(key), wanted.get(key)?.op]
      if (now?.op !== 'wireguard.set' || next?.op !== 'wireguard.set' || !isSame(now, next)) return [start]
      const last = before(start.node, start.index)?.settings
      const changed = changedPeers(now.settings, next.settings, last?.kind === 'wireguard' ? last : undefined)
      const peers = start.peers.filter((peer) => changed.has(peer.key))
      return peers.length === 0 ? [] : [{ ...start, peers, opens: [] }]
    }),
  )
  return own.filter((round) => round.length > 0)
}

/** Keys of peers whose endpoint or keepalive differs. */
export function changedPeers(
  now: WireguardSettings,
  next: WireguardSettings,
  last: WireguardSettings | undefined,
): Set<string> {
  const [kernel, written] = [now, last].map((of) => new Map(of?.peers.map((peer) => [peer.key, peer])))
  return new Set(
    next.peers.flatMap((peer) => (isChanged(peer, kernel?.get(peer.key), written?.get(peer.key)) ? [peer.key] : [])),
  )
}

function isChanged(next: WireguardPeer, now: WireguardPeer | undefined, last: WireguardPeer | undefined): boolean {
  if (next.keepaliveSeconds !== undefined && next.keepaliveSeconds !== now?.keepaliveSeconds) return true
  if (next.endpoint === null || isEqual(next.endpoint, now?.endpoint)) return false
  return !now?.endpoint || !isEqual(next.endpoint, last?.endpoint)
}

const isEqual = (a: WireguardPeer['endpoint'], b: WireguardPeer['endpoint'] | undefined): boolean =>
  a?.address === b?.address && a?.port === b?.port

/** Of devices whose settings stay: for people. */
export function startDifferences(
  rounds: readonly (readonly WireguardStart[])[],
  { wanted, removing }: ChangeContext,
  fresh: ReadonlySet<string>,
): Difference[] {
  const told = new Set<string>()
  return rounds.flat().flatMap((start): Difference[] => {
    const key = `wireguard ${placeKey(start)}`
    const [now, next] = [removing.kernel.get(key), wanted.get(key)?.op]
    if (fresh.has(start.node) || told.has(key) || !now || !next || !isSame(now, next)) return []
    told.add(key)
    const { node, interface: name } = start
    return [{ kind: 'change', node, part: 'peers', name, to: start.peers.map((peer) => endpointOf(peer)).join(', ') }]
  })
}

const endpointOf = ({ endpoint, keepaliveSeconds }: WireguardStart['peers'][number]): string =>
  [endpoint === null ? 'no endpoint' : `${endpoint.address} port ${endpoint.port}`, keepaliveSeconds ?? []]
    .flat()
    .join(' every ')
