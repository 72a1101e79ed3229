// A lab of recorded answers: what each kernel would say, as data.
import type { Asked, InterfaceFacts, NodeFacts, RouteAnswer } from '../../../../src/lab/why/asked/facts.js'
import type { Packet } from '../../../../src/lab/why/firewall/packet.js'
import { EMPTY } from '../../../../src/lab/why/firewall/ruleset.js'

export interface RecordedNode extends Partial<Omit<NodeFacts, 'interfaces'>> {
  interfaces: Record<string, Partial<InterfaceFacts>>
  /** By destination: `INTERFACE [GATEWAY]`, or an error in the kernel's words. Own addresses are local. */
  to?: Record<string, string>
  /** In which its routes stand; `main` by default. */
  table?: string
  /** Of the topology, where the kernel has none. */
  masters?: Record<string, string>
}

const INTERFACE: InterfaceFacts = {
  ...{ name: '', mac: null, up: true, carrier: true, mtu: 1500, kind: 'veth', noArp: false, master: null },
  ...{ parent: null, vlanId: null, filtersVlans: false, port: null, addresses: [], prefixes: [] },
}

const FACTS: NodeFacts = {
  ...{ status: 'running', interfaces: new Map(), neighbours: [], rules: [], ruleTexts: [], routes: [] },
  ...{ sysctls: new Map(), vlans: new Map(), firewall: EMPTY, unread: [], isOpaque: false },
}

export const PORT = { master: 'br0', port: { state: 'forwarding', isolated: false } }

/** @param links `NODE:INTERFACE NODE:INTERFACE` */
export function recorded(nodes: Record<string, RecordedNode | null>, links: readonly string[]): Asked {
  const facts = new Map(
    Object.entries(nodes).map(([name, node]) => {
      if (!node) return [name, null]
      const interfaces = Object.entries(node.interfaces)
      const own = interfaces.map(
        ([each, one]) => [each, { ...INTERFACE, name: each, mac: `${name}:${each}`, ...one }] as const,
      )
      return [name, { ...FACTS, ...node, interfaces: new Map(own) }] as const
    }),
  )
  const ends = links.flatMap((link) => {
    const [a = '', b = ''] = link.split(' ')
    return [[a, b] as const, [b, a] as const]
  })
  const placeOf = (text: string) => ({ node: text.split(':')[0] ?? '', interface: text.split(':')[1] ?? '' })
  return {
    facts: async (node) => facts.get(node) ?? null,
    route: async (node, { to }): Promise<RouteAnswer> => {
      const own = [...(facts.get(node)?.interfaces.values() ?? [])].flatMap(({ addresses }) => addresses)
      const source = own[0] ?? null
      if (own.includes(to))
        return { type: 'local', table: 'local', interface: 'lo', gateway: null, source, mtu: null, text: `local ${to}` }
      const said = nodes[node]?.to?.[to] ?? 'Network is unreachable'
      if (/^[A-Z]/.test(said)) return { error: said }
      const [name = '', gateway = null] = said.split(' ')
      return {
        type: 'unicast',
        table: nodes[node]?.table ?? 'main',
        interface: name,
        gateway,
        source,
        mtu: null,
        text: said,
      }
    },
    peer: (node, name) => {
      const found = ends.find(([end]) => end === `${node}:${name}`)
      return found ? placeOf(found[1]) : null
    },
    plannedMaster: (node, name) => nodes[node]?.masters?.[name] ?? null,
    plannedRoute: () => null,
    linked: (node) => ends.flatMap(([end]) => (end.startsWith(`${node}:`) ? placeOf(end).interface : [])),
    plannedAddress: () => null,
  }
}

export const ping = (to: string, more: Partial<Packet> = {}): Packet => ({
  ...{ family: 4, from: '', to, protocol: 'icmp', icmp: 'echo-request', sport: null, dport: null, flags: [] },
  ...{ state: 'new', mark: 0, iif: null, oif: null },
  ...more,
})
