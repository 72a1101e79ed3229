// Carries out the network part of a plan: the one thing that walks its stages, whether the nodes are new or run already. What
// the kernel is asked goes through a port, so that this file has no effects of its own.

import { LabError } from '../../errors.js'
import { phaseOf, REMOVAL_PHASES } from '../../plan/change/room/phases.js'
import type { ConfigOp, DeviceOp } from '../../plan/op.js'
import type { Plan } from '../../plan/plan.js'
import type { KernelPort, RouteOp } from './kernel-port.js'
import { NodeProgress } from './node-progress.js'
import { perform } from './perform.js'

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
    await this.makeRoom()
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

  /**
   * In all nodes before anything is made, and each phase in all nodes before the next: a pair that goes in one node may have the name, or
   * the address, of what is made, or renamed, in another.
   */
  private async makeRoom(): Promise<void> {
    const full = [...this.nodes.values()].filter(({ plan }) => plan.remove.length > 0)
    for (let phase = 0; full.length > 0 && phase < REMOVAL_PHASES; phase++) {
      const steps = full.map(async (node) => {
        const ops = node.plan.remove.filter((op) => phaseOf(op) === phase)
        if (ops.length === 0) return
        try {
          await this.perform(node, ops)
        } catch (error) {
          this.stop(error)
        }
      })
      await Promise.all(steps)
      this.signal.throwIfAborted()
    }
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
    await this.perform(node, node.beginning())
    while (!node.isWhole) {
      await node.deviceMade(this.signal)
      await this.perform(node, node.afterDevices())
    }
    await node.endsUp(this.signal)
    await this.linksRun(node)
    await this.perform(node, node.plan.running)
  }

  private async linksRun(node: NodeProgress): Promise<void> {
    const { add, node: name } = node.plan
    // A node in the network of another one has no links: that one waits for them, and knows which will not run.
    if (add?.network !== undefined) return
    if (add !== null) return await this.port.linksRun(name, node.withoutCarrier, this.signal)
    // The other interfaces of a node that runs already may be without carrier for any reason.
    if (node.ups.size > 0) await this.port.linksRun(name, node.withoutCarrier, this.signal, node.ups)
  }

  /** Carries out operations of one node in order. */
  private async perform(node: NodeProgress, ops: readonly (DeviceOp | ConfigOp)[]): Promise<void> {
    await perform(this.port, node.plan.node, ops, this.signal, (op) => this.settle(node, op))
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
