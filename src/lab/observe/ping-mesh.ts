// A full mesh of pings: from every host to every other host at the same time.
import type { Family } from '../../model/family.js'
import type { PingMesh } from '../../model/reach/ping.js'
import type { RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { type AddressesByNode, readAddresses } from './node-addresses.js'
import { addressOf, familiesOf, noAddressText } from './ping-target.js'
import { networkOf, type PingOptions, type PingTarget, pingTargets, witnessesOf } from './ping-targets.js'

/** A pair of a mesh. */
interface Member {
  source: NodeState
  target: NodeState
  /** null when it cannot be pinged. */
  address: string | null
  /** Why it cannot be pinged although it should be; null when it can, or when no address is of a family that both have. */
  refusal: string | null
}

/**
 * Pings from every host to every other host. Hosts are nodes of kind `host`; without any, all nodes that are not switches. A host
 * that is dead or has no address has pairs that are not pinged, with the reason; two that have no family in common are not
 * pinged either, and nothing is wrong with that.
 *
 * @throws KernelError when a node cannot be entered
 */
export async function pingMesh(lab: RunningLab, options: PingOptions): Promise<PingMesh> {
  const began = performance.now()
  const now = await readAddresses(lab)
  const members = membersOf(endNodes(lab.state.nodes), now, options)
  const networks = new Map(members.map(({ target }) => [target, networkOf(now, target.name)]))
  const targets = new Map<Member, PingTarget>()
  for (const member of members) {
    const { source, target, address, refusal } = member
    if (address === null || refusal !== null) continue
    targets.set(member, { source, from: source.name, to: target.name, address, expected: networks.get(target) ?? null })
  }
  const witnesses = witnessesOf(
    now,
    members.map(({ address }) => address),
  )
  const outcomes = await pingTargets(lab, [...targets.values()], options, witnesses)
  const outcomeOf = new Map([...targets.keys()].map((member, index) => [member, outcomes[index]]))
  const pairs = members.map((member) => {
    const { sent, rttMs, error } = outcomeOf.get(member) ?? { sent: 0, rttMs: [], error: member.refusal }
    const least = rttMs.length > 0 ? Math.min(...rttMs) : null
    const { source, target, address } = member
    return { from: source.name, to: target.name, address, sent, received: rttMs.length, rttMs: least, error }
  })
  const sum = (key: 'sent' | 'received') => pairs.reduce((total, pair) => total + pair[key], 0)
  return {
    pairs,
    sent: sum('sent'),
    received: sum('received'),
    elapsedMs: Math.round((performance.now() - began) * 10) / 10,
  }
}

function membersOf(hosts: readonly NodeState[], now: AddressesByNode, { family }: PingOptions): Member[] {
  const families = new Map(hosts.map((node) => [node, familiesOf(now.get(node.name), family)]))
  const known = new Map<string, Map<NodeState, string | null>>()
  /** Each host's address in some families, found once and not once for each sender. */
  const addressesIn = (own: readonly Family[]): Map<NodeState, string | null> => {
    const found =
      known.get(own.join()) ??
      new Map(hosts.map((node) => [node, addressOf({ node, interface: null }, now.get(node.name), own)]))
    known.set(own.join(), found)
    return found
  }
  const any = addressesIn([4, 6])
  return hosts.flatMap((source) =>
    hosts
      .filter((target) => target !== source)
      .map((target): Member => {
        const address = addressesIn(families.get(source) ?? [4, 6]).get(target) ?? null
        const bare = any.get(target) === null ? noAddressText({ node: target, interface: null }, null) : null
        const refusal = now.has(source.name) ? bare : `${source.name} is dead: its first process has ended`
        return { source, target, address, refusal }
      }),
  )
}

function endNodes(nodes: readonly NodeState[]): NodeState[] {
  const hosts = nodes.filter((node) => node.kind === 'host')
  return hosts.length > 0 ? hosts : nodes.filter((node) => node.kind !== 'switch')
}
