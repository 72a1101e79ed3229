// Reads the interfaces and addresses that nodes have now, which may differ from those of the topology: nodes get addresses by
// DHCP, from router advertisements and by hand.
import { runShim } from '../../kernel/shim.js'
import type { Family } from '../../model/family.js'
import type { RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { isRunning, keeperArguments } from '../who/process-identity.js'

export interface NodeAddress {
  interface: string
  /** Whether the interface is up, as its administrator wants it (IFF_UP). */
  up: boolean
  family: Family
  address: string
}

/** What the kernel says of one node. */
export interface NodeAddresses {
  node: NodeState
  /** Inode of the network namespace, which several nodes may share. */
  netns: number
  /** Names of all interfaces. */
  interfaces: string[]
  addresses: NodeAddress[]
}

/** The living nodes of a lab, by name. */
export type AddressesByNode = ReadonlyMap<string, NodeAddresses>

/** Reads the addresses of all living nodes of a lab. @throws KernelError when a node cannot be entered */
export async function readAddresses({ state }: RunningLab): Promise<AddressesByNode> {
  const found = state.nodes
    .filter(isRunning)
    .map((node): NodeAddresses => ({ node, netns: 0, interfaces: [], addresses: [] }))
  await runShim({
    verb: 'addresses',
    args: keeperArguments(state.keeper),
    spec: found.flatMap(({ node: { pid, startTime } }) => [String(pid), String(startTime)]),
    onReport: (report) => {
      const of = found[report.node as number]
      if (!of) return
      if (typeof report.netns === 'number') {
        of.netns = report.netns
        return
      }
      const { interface: name, up, address } = report as { interface: string; up: boolean; address?: string }
      if (address === undefined) of.interfaces.push(name)
      else of.addresses.push({ interface: name, up, family: address.includes(':') ? 6 : 4, address })
    },
  })
  return new Map(found.map((each) => [each.node.name, each]))
}
