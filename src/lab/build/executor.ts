// Carries out the network part of a plan: the one thing that walks its stages, whether the nodes are new or run already. What
// the kernel is asked goes through a port, so that this file has no effects of its own.

import { LabError } from '../../errors.js'
import type {
  ConfigOp,
  DeviceMove,
  DeviceOp,
  NodeSysctlSet,
  SysctlSet,
  TunAdd,
  WireguardSet,
  WireguardStart,
} from '../../plan/op.js'
import type { Plan } from '../../plan/plan.js'
import { NodeProgress } from './node-progress.js'

/** Operations that are route netlink requests; of a tun, a tap and a moved device, the one that gives them MAC and MTU. */
export type RouteOp = Exclude<DeviceOp | ConfigOp, WireguardSet | SysctlSet | NodeSysctlSet>

/** What the executor asks of the kernel. Each function carries out what it is given, or throws. */
export interface KernelPort {
  /** Carries out operations in the network of one node, in order. There is one call a node at a time. */
  send(node: string, ops: readonly RouteOp[]): Promise<void>
  makeTun(op: TunAdd): void
  writeSysctl(op: SysctlSet | NodeSysctlSet): void
  takeDevice(op: DeviceMove): Promise<void>
  tellWireguard(op: WireguardSet): Promise<void>
  /** Starts peers, and waits until those that they write to have heard of them. */
  startWireguard(rounds: readonly (readonly WireguardStart[])[], signal: AbortSignal): Promise<void>
  /**
   * Resolves when every interface of a node that is up also runs.
   *
   * @param withoutCarrier names of interfaces with nothing at their other end
   */
  linksRun(node: string, withoutCarrier: ReadonlySet<string>, signal: AbortSignal): Promise<void>
}

export interface ExecuteOptions {
  signal?: AbortSignal | undefined
  /** Told how many nodes are connected and configured. */
  onNodeDone?: (count: number) => void
}

/**
 * Carries out a plan in nodes that are all there; resolves when each is configured and every link runs. When it settles, no
 * call of the port is under way.
 *
 * As soon as a device is made, its ends are configured; as soon as a node has all its devices, it gets its routes; as soon as
 * its links are up at both ends, it waits until they run.
 *
 * @throws the first error that the port throws; the signal's reason when aborted.
 */
export async function execute(
  plan: Plan,
  port: KernelPort,
  { signal, onNodeDone }: ExecuteOptions = {},
): Promise<void> {
  signal?.throwIfAborted()
  const network = new Network(plan, port)
  const onAbort = () => network.stop(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    await network.build(onNodeDone)
    if (plan.start.length > 0) await port.startWireguard(plan.start, network.signal)
    signal?.throwIfAborted()
  } catch (error) {
    // A timer that is aborted rejects with an error of its own, whose cause is the reason.
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

/** Operations that are no netlink requests, or not these alone. */
const APART: readonly (DeviceOp | ConfigOp)['op'][] = [
  'tun.add',
  'device.move',
  'wireguard.set',
  'sysctl.set',
  'node-sysctl.set',
]

class Network {
  private readonly nodes: ReadonlyMap<string, NodeProgress>
  private readonly stopping = new AbortController()

  constructor(
    plan: Plan,
    private readonly port: KernelPort,
  ) {
    this.nodes = new Map(plan.nodes.map((node) => [node.node, new NodeProgress(node)]))
    for (const { devices } of plan.nodes) for (const op of devices) this.expect(op)
  }

  get signal(): AbortSignal {
    return this.stopping.signal
  }

  /** Ends all that waits. Operations that were sent are waited for. */
  stop(reason: unknown): void {
    this.stopping.abort(reason)
    for (const node of this.nodes.values()) node.wake()
  }

  async build(onNodeDone: ExecuteOptions['onNodeDone']): Promise<void> {
    let done = 0
    const builds = [...this.nodes.values()].map(async (node) => {
      try {
        await this.buildNode(node)
        onNodeDone?.(++done)
      } catch (error) {
        this.stop(error)
      }
    })
    await Promise.all(builds)
    this.signal.throwIfAborted()
  }

  private expect(op: DeviceOp): void {
    if (op.op !== 'veth.add') return
    const [first, second] = [this.node(op.node), this.node(op.peer.node)]
    if (first !== second) second.expectDevice(op.peer.interface)
    for (const [own, end, other] of [
      [first, op, second],
      [second, op.peer, first],
    ] as const) {
      if (own.bringsUp(end.interface)) own.expectUp(end.interface, other)
    }
  }

  private async buildNode(node: NodeProgress): Promise<void> {
    await this.perform(node, [...node.plan.remove, ...node.beginning()])
    while (!node.isWhole) {
      await node.deviceMade(this.signal)
      await this.perform(node, node.afterDevices())
    }
    await node.endsUp(this.signal)
    // A node in the network of another one has no links: that one waits for them, and knows which will not run.
    if (node.plan.add?.network === undefined) await this.port.linksRun(node.plan.node, node.withoutCarrier, this.signal)
    await this.perform(node, node.plan.running)
  }

  /** Carries out operations of one node in order. */
  private async perform(node: NodeProgress, ops: readonly (DeviceOp | ConfigOp)[]): Promise<void> {
    let batch: RouteOp[] = []
    const sendBatch = async () => {
      const sent = batch
      batch = []
      this.signal.throwIfAborted()
      if (sent.length > 0) await this.port.send(node.plan.node, sent)
      for (const op of sent) this.settle(node, op)
    }
    for (const op of ops) {
      if (APART.includes(op.op)) await sendBatch()
      if (op.op === 'tun.add') this.port.makeTun(op)
      if (op.op === 'device.move') await this.port.takeDevice(op)
      if (op.op === 'wireguard.set') await this.port.tellWireguard(op)
      else if (op.op === 'sysctl.set' || op.op === 'node-sysctl.set') this.port.writeSysctl(op)
      else batch.push(op)
    }
    await sendBatch()
  }

  private settle(node: NodeProgress, op: RouteOp): void {
    if (op.op === 'veth.add' && op.peer.node !== op.node) this.node(op.peer.node).takeDevice(op.peer.interface)
    if (op.op === 'link.up') node.tellUp(op.interface)
  }

  private node(name: string): NodeProgress {
    const node = this.nodes.get(name)
    if (!node) throw new LabError('INTERNAL', `the plan names node ${name}, which it does not have`)
    return node
  }
}
