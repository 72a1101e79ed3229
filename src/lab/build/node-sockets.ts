// Carries out the executor's requests in the kernel: through a route netlink socket in the network of each node, and for tuns,
// devices of the machine and WireGuard in their own ways.
import { closeSync } from 'node:fs'
import { type KernelError, LabError } from '../../errors.js'
import { NeighbourMessages } from '../../kernel/netlink/rtnl/neighbour.js'
import type { Request, Series } from '../../kernel/netlink/rtnl/request.js'
import type { NetlinkSocket } from '../../kernel/netlink/socket.js'
import { type HomeNetns, openHeldNetns, openHomeNetns, openNetns, type Synchronous } from '../../kernel/netns.js'
import { writeSysctl } from '../../kernel/sysctl.js'
import { createTun } from '../../kernel/tun.js'
import type {
  DeviceMove,
  NodeSysctlSet,
  Replacement,
  SysctlSet,
  TunAdd,
  WireguardSet,
  WireguardStart,
} from '../../plan/op.js'
import { targetOf } from '../../plan/target.js'
import { takeDevice } from '../devices/host-devices.js'
import type { KernelPort, RouteOp } from '../execute/kernel-port.js'
import { requestsFor } from '../requests/requests.js'
import type { NamedProcess } from '../who/process-identity.js'
import { waitForCarrier } from './carrier.js'
import { DescriptorBudget } from './descriptor-budget.js'
import { NodeSocket } from './node-socket.js'
import { changeWireguard, tellWireguard } from './wireguard.js'
import { type InNetns, startWireguard } from './wireguard-start.js'

/** Operations that are sent together: about as many as fit into one datagram. */
const OPS_MAX = 96
/** Descriptors of network namespaces that requests name, for all nodes together; more than one call of `send` needs. */
const NETNS_FDS_MAX = 128

/** The owner disposes of it when no call is under way. */
export class NodeSockets implements KernelPort, AsyncDisposable {
  private readonly home: HomeNetns = openHomeNetns()
  private readonly sockets = new Map<string, NodeSocket>()
  private readonly budget = new DescriptorBudget(NETNS_FDS_MAX)
  private readonly neighbours = new NeighbourMessages()

  /** @param onDevice called with a node and its namespace before a device of the machine is moved there */
  constructor(private readonly onDevice: (node: string, netnsFd: number) => void) {}

  /** Adds a running node. @throws KernelError when its network cannot be entered. */
  add({ name, pid }: NamedProcess): void {
    this.sockets.set(name, NodeSocket.open(name, openNetns(pid), this.home))
  }

  /** Adds a network namespace that a process has open, as a node. @throws KernelError when it cannot be entered; as `openHeldNetns` */
  addHeld(name: string, pid: number, fd: number, inode: number | undefined): void {
    this.sockets.set(name, NodeSocket.open(name, openHeldNetns(pid, fd, inode), this.home))
  }

  async send(node: string, ops: readonly RouteOp[]): Promise<void> {
    for (let at = 0; at < ops.length; at += OPS_MAX) await this.sendSome(node, ops.slice(at, at + OPS_MAX))
  }

  /** A tun is not made by netlink: the calling thread enters the node's network for it. */
  makeTun(op: TunAdd): void {
    const { node, interface: name, index, mode } = op
    this.visit(node, () => createTun({ target: targetOf(op), name, index, mode }))
  }

  writeSysctl(op: SysctlSet | NodeSysctlSet): void {
    this.visit(op.node, () => writeSysctl(op.key, op.value, targetOf(op)))
  }

  async takeDevice(op: DeviceMove): Promise<void> {
    await this.inNetns(op.node, async (fd) => {
      this.onDevice(op.node, fd)
      await takeDevice(op, fd)
    })
  }

  async tellWireguard(op: WireguardSet): Promise<void> {
    await this.inNetns(op.node, (fd) => tellWireguard(op, fd, this.home))
  }

  async change(op: Replacement): Promise<void> {
    const { from, to } = op
    if (to.op === 'sysctl.set' || to.op === 'node-sysctl.set') this.writeSysctl(to)
    else if (from.op === 'wireguard.set' && to.op === 'wireguard.set')
      await this.inNetns(op.node, (fd) => changeWireguard(from, to, fd, this.home))
    else await this.send(op.node, [op])
  }

  async startWireguard(rounds: readonly (readonly WireguardStart[])[], signal: AbortSignal): Promise<void> {
    await startWireguard(rounds, { inNetns: this.inNetns, home: this.home, signal })
  }

  async linksRun(
    node: string,
    withoutCarrier: ReadonlySet<string>,
    signal: AbortSignal,
    only?: ReadonlySet<string>,
  ): Promise<void> {
    await waitForCarrier(this.socketOf(node), withoutCarrier, signal, only)
  }

  /** The socket in the network of a node, which stays this object's. */
  routeOf(node: string): NetlinkSocket {
    return this.socketOf(node).route
  }

  /** Runs a function in the network of a node. @throws KernelError; what the function throws */
  visit<T>(node: string, action: () => Synchronous<T>): T {
    const fd = this.openNetns(node)
    try {
      return this.home.visit(fd, action)
    } finally {
      closeSync(fd)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const sockets = [...this.sockets.values()]
    // The kernel answers a request before the thread that writes it returns, and until then the thread uses the descriptor.
    await Promise.all(sockets.map(({ route }) => route[Symbol.asyncDispose]()))
    for (const socket of sockets) socket[Symbol.dispose]()
    this.home[Symbol.dispose]()
  }

  private async sendSome(node: string, ops: readonly RouteOp[]): Promise<void> {
    await this.withRequests(node, ops, async (route, requests) => await route.send(requests.flat()))
  }

  /**
   * Carries out as many operations as the kernel takes.
   *
   * @returns for each operation, the first refusal of its requests; null when all were carried out
   */
  async tryEach(node: string, ops: readonly RouteOp[]): Promise<(KernelError | null)[]> {
    const results: (KernelError | null)[] = []
    for (let at = 0; at < ops.length; at += OPS_MAX) {
      await this.withRequests(node, ops.slice(at, at + OPS_MAX), async (route, requests) => {
        const singles = requests.map((those) => those.flatMap(singlesOf))
        const answers = await route.sendEach(singles.flat())
        for (const own of singles) results.push(answers.splice(0, own.length).find((each) => each !== null) ?? null)
      })
    }
    return results
  }

  /** Makes the requests of operations with the descriptors that they name, which are open until the action is over. */
  private async withRequests(
    node: string,
    ops: readonly RouteOp[],
    action: (route: NetlinkSocket, requests: (Request | Series)[][]) => Promise<void>,
  ): Promise<void> {
    const { route } = this.socketOf(node)
    const peers = [...new Set(ops.flatMap((op) => (op.op === 'veth.add' ? [op.peer.node] : [])))]
    const fds = new Map<string, number>()
    await this.budget.take(peers.length)
    try {
      for (const peer of peers) fds.set(peer, this.openNetns(peer))
      const context = { netnsFdOf: (peer: string) => fds.get(peer) as number, neighbours: this.neighbours }
      await action(
        route,
        ops.map((op) => requestsFor(op, context)),
      )
    } finally {
      await route.idle()
      for (const fd of fds.values()) closeSync(fd)
      this.budget.release(peers.length)
    }
  }

  /** Calls a function with a descriptor of a node's network namespace, which is closed when the function's promise settles. */
  private readonly inNetns: InNetns = async (node, use) => {
    const fd = this.openNetns(node)
    try {
      return await use(fd)
    } finally {
      closeSync(fd)
    }
  }

  private readonly openNetns = (node: string): number => this.socketOf(node).route.openNetns()

  private socketOf(node: string): NodeSocket {
    const socket = this.sockets.get(node)
    if (!socket) throw new LabError('INTERNAL', `node ${node} is not there, and its network is to be built`)
    return socket
  }
}

const singlesOf = (each: Request | Series): Request[] =>
  'count' in each ? Array.from({ length: each.count }, (_, place) => each.at(place)) : [each]
