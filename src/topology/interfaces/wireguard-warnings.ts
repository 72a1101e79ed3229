// Warnings about WireGuard interfaces whose peers are known.
import type { ResolvedNode } from '../../model/resolved.js'

/** Warns of two interfaces that cannot talk: one is no peer of the other, or neither has an endpoint for the other. */
export function wireguardWarnings(nodes: readonly ResolvedNode[]): string[] {
  const all = nodes.flatMap((node) =>
    node.interfaces.flatMap(({ name, settings }) =>
      settings?.kind === 'wireguard' ? [{ text: `${node.name}:${name}`, settings }] : [],
    ),
  )
  const byKey = new Map(all.map((each) => [each.settings.publicKey, each]))
  return all.flatMap(({ text, settings }, at) =>
    settings.peers.flatMap(({ key, endpoint }) => {
      const other = byKey.get(key)
      if (!other) return []
      const back = other.settings.peers.find((each) => each.key === settings.publicKey)
      if (!back) return [`${text} has the peer ${other.text}, which does not have ${text}: they will not talk`]
      const isFirst = at < all.indexOf(other)
      if (!isFirst || endpoint !== null || back.endpoint !== null) return []
      return [`neither ${text} nor ${other.text} knows where the other is: one of them needs a \`port\``]
    }),
  )
}
