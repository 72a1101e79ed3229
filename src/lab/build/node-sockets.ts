// Carries out the executor's requests in the kernel: through a route netlink socket in the network of each node, and for tuns,
// devices of the machine and WireGuard in their own ways.
import { LabError } from '../../errors.js'
import { type HomeNetns, openHomeNetns } from '../../kernel/netns.js'
import { writeSysctl } from '../../kernel/sysctl.js'
import { createTun } from '../../kernel/tun.js'
import {
  type DeviceMove,
  type SysctlSet,
  type TunAdd,
  targetOf,
  type WireguardSet,
  type WireguardStart,
} from '../../plan/op.js'
import { takeDevice } from '../devices/host-devices.js'
import type { NamedProcess } from '../who/process-identity.js'
import { waitForCarrier } from './carrier.js'
import type { KernelPort, RouteOp } from './executor.js'
import { NodeSocket } from './node-socket.js'
import { requestFor } from './requests.js'
import { tellWireguard } from './wireguard.js'
import { startWireguard } from './wireguard-start.js'

/** The owner disposes of it when no call is under way. */
export class NodeSockets implements KernelPort, AsyncDisposable {
  private readonly home: HomeNetns = openHomeNetns()
  private readonly sockets = new Map<string, NodeSocket>()

  /** @param onDevice called with a node and its namespace before a device of the machine is moved there */
  constructor(private readonly onDevice: (node: string, netnsFd: number) => void) {}

  /** Adds a running node. @throws KernelError when its network cannot be entered. */
  add(node: NamedProcess): void {
    this.sockets.set(node.name, NodeSocket.open(node, this.home))
  }

  async send(node: string, ops: readonly RouteOp[]): Promise<void> {
    await this.socketOf(node).route.send(ops.map((op) => requestFor(op, this.netnsFdOf)))
  }

  /** A tun is not made by netlink: the calling thread enters the node's network for it. */
  makeTun(op: TunAdd): void {
    const { node, interface: name, index, mode } = op
    this.home.visit(this.netnsFdOf(node), () => createTun({ target: targetOf(op), name, index, mode }))
  }

  writeSysctl(op: SysctlSet): void {
    this.home.visit(this.netnsFdOf(op.node), () => writeSysctl(op.key, op.value, targetOf(op)))
  }

  async takeDevice(op: DeviceMove): Promise<void> {
    const fd = this.netnsFdOf(op.node)
    this.onDevice(op.node, fd)
    await takeDevice(op, fd)
  }

  async tellWireguard(op: WireguardSet): Promise<void> {
    await tellWireguard(op, this.netnsFdOf(op.node), this.home)
  }

  async startWireguard(rounds: readonly (readonly WireguardStart[])[], signal: AbortSignal): Promise<void> {
    await startWireguard(rounds, { netnsFdOf: this.netnsFdOf, home: this.home, signal })
  }

  async linksRun(node: string, withoutCarrier: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    await waitForCarrier(this.socketOf(node), withoutCarrier, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const sockets = [...this.sockets.values()]
    // The kernel answers a request before the thread that writes it returns, and until then the thread uses the descriptor.
    await Promise.all(sockets.map(({ route }) => route[Symbol.asyncDispose]()))
    for (const socket of sockets) socket[Symbol.dispose]()
    this.home[Symbol.dispose]()
  }

  private readonly netnsFdOf = (node: string): number => this.socketOf(node).netnsFd

  private socketOf(node: string): NodeSocket {
    const socket = this.sockets.get(node)
    if (!socket) throw new LabError('INTERNAL', `node ${node} is not there, and its network is to be built`)
    return socket
  }
}
