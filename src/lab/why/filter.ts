// What the firewall of a node does to a packet at one hook, and what becomes of the packet.
import type { NodeFacts } from './asked/facts.js'
import { type Fault, fault } from './fault.js'
import type { Packet } from './firewall/packet.js'
import { EMPTY } from './firewall/ruleset.js'
import { type Blamed, type Hook, judge, type Translation } from './firewall/verdict.js'

export interface Filtered {
  /** As rules have changed it. */
  packet: Packet
  dropped: Fault | null
  /** Rules that may drop it. */
  suspects: Fault[]
}

/** Passes a packet through hooks, one after the other, until one drops it. */
export function filter(node: string, facts: NodeFacts, hooks: readonly Hook[], packet: Packet): Filtered {
  const passed: Filtered = { packet, dropped: null, suspects: [] }
  const { firewall } = facts
  for (const hook of firewall === null ? [] : hooks) {
    const isDevice = hook === 'ingress' || hook === 'egress'
    const families = isDevice ? ['netdev'] : ['inet', packet.family === 4 ? 'ip' : 'ip6']
    const verdict = judge(firewall ?? EMPTY, families, hook, passed.packet)
    passed.suspects.push(...verdict.suspects.map((each) => suspected(node, hook, each)))
    if (verdict.dropped) {
      const { text, remedy, rejects } = verdict.dropped
      const words = `a firewall rule of ${node} ${rejects ? 'rejects' : 'drops'} the packet in ${hook}: ${text}`
      passed.dropped = fault({ about: 'firewall', code: 'firewall-drop', node, evidence: text, remedy, words })
      return passed
    }
    passed.packet = translate(
      { ...passed.packet, mark: verdict.mark, state: verdict.isUntracked ? 'untracked' : passed.packet.state },
      facts,
      verdict.translated,
    )
  }
  return passed
}

const suspected = (node: string, hook: Hook, { text, remedy }: Blamed): Fault =>
  fault({
    ...{ about: 'firewall', code: 'firewall-suspect', node, evidence: text, remedy },
    words: `the packet may be dropped by a firewall rule of ${node} in ${hook}, whose conditions cannot all be examined: ${text}`,
  })

function translate(packet: Packet, facts: NodeFacts, translation: Translation | null): Packet {
  if (!translation) return packet
  const { end, address, port } = translation
  const device = end === 'source' ? packet.oif : packet.iif
  const own = facts.interfaces.get(device ?? '')?.addresses.find((each) => each.includes(':') === (packet.family === 6))
  const to = address ?? own
  if (end === 'source') return { ...packet, from: to ?? packet.from, sport: port ?? packet.sport }
  return { ...packet, to: to ?? packet.to, dport: port ?? packet.dport }
}
