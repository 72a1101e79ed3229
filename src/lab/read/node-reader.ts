// Reads the nodes of a lab one after the other, each network namespace once, and then puts together what they have to do with each other.
import type { NodeStatus } from '../../model/lab-view.js'
import type { ObservedInterface, ObservedNode } from '../../plan/change/observed.js'
import { WIRE_NODE } from '../../plan/emulation/links.js'
import type { NodeState } from '../record/state.js'
import { isPaused } from '../run/pause.js'
import { isRunning } from '../who/process-identity.js'
import type { ReadLink } from './interfaces.js'
import { LinkTable } from './links.js'
import type { NeighbourRef } from './neighbours.js'
import { netnsIdBetween } from './netns-ids.js'
import { type ReadNetwork, readLinks, readNetwork } from './network.js'
import type { LabNetworks, OpenNetwork } from './networks.js'
import { type PeerNetwork, Peers } from './peers.js'
import { readSysctls, SysctlFiles, type SysctlRequest, type SysctlValues } from './sysctls.js'

/** A namespace of which the links alone are known, or all. */
type Known = PeerNetwork & { whole: ReadNetwork | null; open: <T>(use: (network: OpenNetwork) => T) => T | null }

/** A node that was asked for. */
interface ReadNode {
  state: NodeState
  status: Exclude<NodeStatus, 'planned'>
  /** null for a dead node of another user's lab. */
  network: Known | null
  sysctls: SysctlValues
}

const NO_VALUES: SysctlValues = { node: {}, interfaces: new Map() }

export class NodeReader {
  /** By inode of the namespace. */
  private readonly known = new Map<number, Known>()

  private readonly files = new SysctlFiles()

  constructor(private readonly networks: LabNetworks) {}

  /**
   * Reads a node.
   *
   * @param sysctls null for a node of which only the links matter, since one of them may lead to a node that is asked for
   * @returns null for such a node
   * @throws KernelError
   */
  read(state: NodeState, sysctls: SysctlRequest | null, neighbours: readonly NeighbourRef[] | null): ReadNode | null {
    const isAlive = isRunning(state)
    const open: Known['open'] = (use) => this.networks.ofNode(state, isAlive, use as never) as never
    const found = open((network) => {
      const known = this.known.get(network.inode)
      if (known && (sysctls === null || (known.whole !== null && isEmpty(sysctls)))) return { known, values: NO_VALUES }
      return this.networks.visit(network, state.name, (socket) => {
        const whole =
          sysctls === null ? null : (known?.whole ?? readNetwork(state.name, socket, this.networks, neighbours))
        const links = known?.links ?? whole?.links ?? readLinks(socket)
        const fresh: Known = known ?? { node: state.name, links, whole, open }
        fresh.whole ??= whole
        this.known.set(network.inode, fresh)
        const table = new LinkTable(state.name, links)
        return {
          known: fresh,
          values: sysctls ? readSysctls(isAlive ? state.pid : null, sysctls, table, this.files) : NO_VALUES,
        }
      })
    })
    if (sysctls === null) return null
    const status = isAlive ? (isPaused(state) ? 'paused' : 'running') : 'dead'
    return { state, status, network: found?.known ?? null, sysctls: found?.values ?? NO_VALUES }
  }

  /** Reads the links of the lab's wire, which the keeper has open as its descriptor `fd`. @throws KernelError */
  readWire(fd: number): void {
    const open: Known['open'] = (use) => this.networks.held({ netnsFd: fd }, use as never) as never
    open((network) => {
      const links = this.networks.visit(network, WIRE_NODE, readLinks)
      this.known.set(network.inode, { node: WIRE_NODE, links, whole: null, open })
    })
  }

  /** The nodes that were asked for, once all are read. @throws KernelError */
  observed(nodes: readonly (ReadNode | null)[]): ObservedNode[] {
    const peers = new Peers([...this.known.values()], (from, to) =>
      netnsIdBetween(this.networks, from as Known, to as Known),
    )
    return nodes.flatMap((node) => (node === null ? [] : [observedNode(node, peers)]))
  }
}

function observedNode({ state: { name }, status, network, sysctls }: ReadNode, peers: Peers): ObservedNode {
  const whole = network?.whole
  if (!network || !whole) return { name, status, interfaces: [], entries: [], sysctls: sysctls.node }
  return {
    ...{ name, status },
    interfaces: network.links.map((link) => observedInterface(link, network, whole, peers, sysctls)),
    entries: whole.node === name ? whole.entries : whole.entries.map((entry) => ({ ...entry, node: name })),
    sysctls: sysctls.node,
  }
}

function observedInterface(
  link: ReadLink,
  network: Known,
  whole: ReadNetwork,
  peers: Peers,
  sysctls: SysctlValues,
): ObservedInterface {
  const { peerIndex: _, peerNetnsId: __, ...own } = link
  const wireguard = whole.wireguards.get(link.name)
  return {
    ...own,
    peer: peers.of(network, link),
    ...(wireguard ? { wireguard } : {}),
    disciplines: whole.disciplines.get(link.index) ?? [],
    sysctls: sysctls.interfaces.get(link.index) ?? {},
  }
}

const isEmpty = ({ node, interfaces }: SysctlRequest): boolean => node.length === 0 && interfaces.length === 0
