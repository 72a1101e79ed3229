// What the model of the kernel has, by names and without ifindexes, for comparing.

import type { ObservedNode } from '../../../src/plan/change/observed.js'
import { WIRE_NODE } from '../../../src/plan/emulation/links.js'
import type { Kernel, ModelInterface, ModelNode } from './kernel.js'
import { subnetOf } from './subnet.js'

/** Lines, sorted; a line each for an interface and for everything it has. */
export function pictureOf(kernel: Kernel): string[] {
  return [...kernel.nodes.values()]
    .filter(({ name }) => name !== WIRE_NODE)
    .flatMap((node) => [...linesOf(kernel, node)])
    .toSorted()
}

function* linesOf(kernel: Kernel, node: ModelNode): Generator<string> {
  const nameOf = (index: number | null): string | null =>
    index === null ? null : (node.interfaces.get(index)?.name ?? `?${index}`)
  for (const link of node.interfaces.values()) {
    const { name, kind, mac, mtu, up, gso } = link
    const settings = Object.entries(link.settings).map(([key, value]) => [
      key,
      ['parent', 'dev', 'primary'].includes(key) ? nameOf(Number(value)) : value,
    ])
    yield `${node.name}:${name} ${JSON.stringify({ kind, mac, mtu, up, gso, master: nameOf(link.master), peer: peerOf(kernel, link), settings: settings.toSorted() })}`
    if (link.wireguard)
      yield `${node.name}:${name} wireguard ${JSON.stringify({ ...link.wireguard, peers: link.wireguard.peers.toSorted((a, b) => a.key.localeCompare(b.key)) })}`
    for (const { kind, handle } of link.disciplines) yield `${node.name}:${name} ${kind} ${handle}`
    for (const [key, value] of link.sysctls) if (value !== '0') yield `${node.name}:${name} ${key} ${value}`
  }
  for (const [key, value] of node.sysctls) if (value !== '0') yield `${node.name} ${key} ${value}`
  const subnets = new Set<string>()
  for (const entry of node.entries) {
    const secondary =
      entry.op === 'address.add' && entry.family === 4 && isSecond(subnets, `${entry.index} ${subnetOf(entry.address)}`)
    yield `${node.name} ${secondary ? 'secondary ' : ''}${entryText(entry)}`
  }
}

function isSecond(seen: Set<string>, subnet: string): boolean {
  if (seen.has(subnet)) return true
  seen.add(subnet)
  return false
}

function peerOf({ nodes }: Kernel, { peer }: ModelInterface): string | null {
  if (!peer) return null
  let end = peer
  if (peer.node === WIRE_NODE) {
    const other = nodes.get(WIRE_NODE)?.interfaces.get(peer.index ^ 1)
    if (!other?.peer) return 'a wire that is cut'
    end = other.peer
  }
  return `${end.node}:${nodes.get(end.node)?.interfaces.get(end.index)?.name}`
}

function entryText(entry: ObservedNode['entries'][number]): string {
  const { node: _, ...rest } = entry
  const sorted = Object.fromEntries(Object.entries(rest).toSorted(([a], [b]) => a.localeCompare(b)))
  return JSON.stringify(sorted, (key, value) =>
    key === 'index' || key === 'noDad' || key === 'master' ? undefined : value,
  )
}
