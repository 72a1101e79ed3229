// A full mesh of pings: from every host to every other host at the same time.
import { LabError } from '../../errors.js'
import type { Family } from '../../model/family.js'
import type { PingMesh } from '../../model/reach/ping.js'
import type { RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { globPattern } from '../who/node-glob.js'
import { type AddressesByNode, readAddresses } from './node-addresses.js'
import { addressOf, familiesOf, noAddressText } from './ping-target.js'
import { networkOf, type PingOptions, type PingTarget, pingTargets, witnessesOf } from './ping-targets.js'

/** The options of a mesh. Globs choose nodes by name: `*` stands for any characters and `?` for one. */
export interface MeshOptions extends PingOptions {
  /** Only these nodes send; without it, every host. */
  from?: string
  /** Only these nodes are pinged; without it, every host. */
  to?: string
}

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
 * Pings from every host to every other host. Hosts are nodes of kind `host`; without any, all nodes that are not switches. A glob
 * chooses among all nodes that are not switches. A host that is dead or has no address has pairs that are not pinged, with the reason; two that have no family in common are not
 * pinged either, and nothing is wrong with that.
 *
 * @throws KernelError when a node cannot be entered; LabError NODE_NOT_FOUND for a glob that no node matches
 */
export async function pingMesh(lab: RunningLab, options: MeshOptions): Promise<PingMesh> {
  const began = performance.now()
  const now = await readAddresses(lab)
  const [senders, receivers] = [options.from, options.to].map((glob) => endNodes(lab, glob)) as [
    NodeState[],
    NodeState[],
  ]
  const members = membersOf(senders, receivers, now, options)
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

function membersOf(
  senders: readonly NodeState[],
  receivers: readonly NodeState[],
  now: AddressesByNode,
  { family }: PingOptions,
): Member[] {
  const families = new Map(senders.map((node) => [node, familiesOf(now.get(node.name), family)]))
  const known = new Map<string, Map<NodeState, string | null>>()
  /** Each receiver's address in some families, found once and not once for each sender. */
  const addressesIn = (own: readonly Family[]): Map<NodeState, string | null> => {
    const found =
      known.get(own.join()) ??
      new Map(receivers.map((node) => [node, addressOf({ node, interface: null }, now.get(node.name), own)]))
    known.set(own.join(), found)
    return found
  }
  const any = addressesIn([4, 6])
  return senders.flatMap((source) =>
    receivers
      .filter((target) => target !== source)
      .map((target): Member => {
        const address = addressesIn(families.get(source) ?? [4, 6]).get(target) ?? null
        const bare = any.get(target) === null ? noAddressText({ node: target, interface: null }, null) : null
        const refusal = now.has(source.name) ? bare : `${source.name} is dead: its first process has ended`
        return { source, target, address, refusal }
      }),
  )
}

/** The nodes at one end of the pairs: those that a glob matches, or all hosts. */
function endNodes(lab: RunningLab, glob: string | undefined): NodeState[] {
  const nodes = lab.state.nodes.filter((node) => node.kind !== 'switch')
  if (glob === undefined) {
    const hosts = nodes.filter((node) => node.kind === 'host')
    return hosts.length > 0 ? hosts : nodes
  }
  const pattern = globPattern(glob)
  const found = nodes.filter(({ name }) => pattern.test(name))
  if (found.length > 0) return found
  throw new LabError('NODE_NOT_FOUND', `lab ${lab.name} has no node ${glob} that can be pinged`, {
    hint: `quote a glob, as in 'leaf*'; \`nslab inspect ${lab.name}\` lists the nodes; switches are not pinged`,
  })
}
