import type { PeerChange, WireguardChange } from '../../kernel/netlink/genl/wireguard.js'
import { WireguardSocket } from '../../kernel/netlink/wireguard-socket.js'
import type { HomeNetns } from '../../kernel/netns.js'
import type { WireguardSet, WireguardStart } from '../../plan/op.js'
import { targetOf } from '../../plan/target.js'

/**
 * Carries out one operation.
 *
 * @param netnsFd an open descriptor of the node's network namespace: the socket must be opened in it
 * @throws KernelError with what the kernel refused.
 */
export async function tellWireguard(
  op: WireguardSet | WireguardStart,
  netnsFd: number,
  home: HomeNetns,
): Promise<void> {
  using wireguard = await WireguardSocket.open(op.node, netnsFd, home)
  await wireguard.set(changeOf(op))
}

/**
 * Changes a device from one configuration to another one; peers that stay keep their sessions.
 *
 * @throws as `tellWireguard`
 */
export async function changeWireguard(
  from: WireguardSet,
  to: WireguardSet,
  netnsFd: number,
  home: HomeNetns,
): Promise<void> {
  const { privateKey, port, fwmark, ...change } = changeOf(to)
  const kept = new Set(change.peers.map(({ key }) => key))
  const removed = from.settings.peers
    .filter(({ key }) => !kept.has(key))
    .map(({ key }) => ({ key, removed: true }) as const)
  const before = changeOf(from)
  using wireguard = await WireguardSocket.open(to.node, netnsFd, home)
  await wireguard.set({
    ...change,
    ...(privateKey === before.privateKey ? {} : { privateKey }),
    ...(port === before.port ? {} : { port }),
    ...(fwmark === before.fwmark ? {} : { fwmark: fwmark ?? 0 }),
    // First, so that the allowed addresses of those are free.
    peers: [...removed, ...change.peers],
  })
}

function changeOf(op: WireguardSet | WireguardStart): WireguardChange {
  const named = { target: targetOf(op), name: op.interface }
  if (op.op === 'wireguard.start') {
    const peers = op.peers.map(
      ({ key, endpoint, keepaliveSeconds }): PeerChange => ({ key, endpoint: endpoint ?? undefined, keepaliveSeconds }),
    )
    return { ...named, peers }
  }
  const { key, port, fwmark, peers } = op.settings
  return { ...named, privateKey: key, port, fwmark, peers: peers.map(({ key, allowed }) => ({ key, allowed })) }
}
