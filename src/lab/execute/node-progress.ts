// How far the execution of one node's plan is: which of its interfaces are there, and which ends of its links are up. It asks
// the kernel nothing.
import type { ConfigOp, DeviceOp } from '../../plan/op.js'
import type { NodePlan } from '../../plan/plan.js'

export class NodeProgress {
  readonly withoutCarrier: ReadonlySet<string>
  private readonly config: ReadonlyMap<string, ConfigOp[]>
  /** Interfaces that the plan brings up. */
  readonly ups: ReadonlySet<string>
  /** Interfaces that other nodes make, and have not made yet. */
  private readonly missing = new Set<string>()
  /** Interfaces that other nodes have made, and that are not configured yet. */
  private made: string[] = []
  private wholeBegun = false
  /** Ends of this node's links, here and at the other nodes, that are not up. */
  private endsDown = 0
  /** The nodes that wait for an interface of this one to be up. */
  private readonly told = new Map<string, NodeProgress>()
  private waiting: (() => void) | null = null

  constructor(readonly plan: NodePlan) {
    this.config = new Map(plan.interfaces.map(({ interface: name, config }) => [name, config]))
    const all = [...plan.interfaces.flatMap(({ config }) => config), ...plan.whole]
    const ups = all.filter((op) => op.op === 'link.up')
    this.ups = new Set(ups.map((op) => op.interface))
    this.withoutCarrier = new Set([
      ...(plan.withoutCarrier ?? []),
      ...ups.flatMap((op) => (op.carrier === false ? [op.interface] : [])),
    ])
  }

  /** All devices of the node are there, and its stage `whole` has begun. */
  get isWhole(): boolean {
    return this.wholeBegun
  }

  expectDevice(name: string): void {
    this.missing.add(name)
  }

  bringsUp(name: string): boolean {
    return this.ups.has(name)
  }

  /** @param other the node at the other end, which waits for it as well */
  expectUp(name: string, other: NodeProgress): void {
    this.told.set(name, other)
    this.endsDown++
    other.endsDown++
  }

  /**
   * The devices that the node makes, and the configuration of these and of interfaces that are there already. The kernel
   * carries out one after the other, so all of it goes in one batch.
   */
  beginning(): (DeviceOp | ConfigOp)[] {
    const here = [...this.config.keys()].filter((name) => !this.missing.has(name))
    const own = new Set(this.plan.devices.flatMap((op) => endsIn(op, this.plan.node)))
    return [
      ...here.filter((name) => !own.has(name)).flatMap((name) => this.config.get(name) ?? []),
      ...this.plan.devices,
      ...here.filter((name) => own.has(name)).flatMap((name) => this.config.get(name) ?? []),
      ...this.whole(),
    ]
  }

  /** The configuration of what other nodes have made. */
  afterDevices(): ConfigOp[] {
    const made = this.made
    this.made = []
    for (const name of made) this.missing.delete(name)
    return [...made.flatMap((name) => this.config.get(name) ?? []), ...this.whole()]
  }

  takeDevice(name: string): void {
    this.made.push(name)
    this.wake()
  }

  tellUp(name: string): void {
    const other = this.told.get(name)
    if (!other) return
    this.told.delete(name)
    for (const node of [this, other]) {
      node.endsDown--
      node.wake()
    }
  }

  /** Resolves when there is a device that is not configured yet. */
  async deviceMade(signal: AbortSignal): Promise<void> {
    while (this.made.length === 0) await this.change(signal)
  }

  /** Resolves when all links of the node are up at both ends. */
  async endsUp(signal: AbortSignal): Promise<void> {
    while (this.endsDown > 0) await this.change(signal)
  }

  wake(): void {
    this.waiting?.()
    this.waiting = null
  }

  private async change(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    await new Promise<void>((resolve) => {
      this.waiting = resolve
    })
    signal.throwIfAborted()
  }

  private whole(): ConfigOp[] {
    if (this.missing.size > 0) return []
    this.wholeBegun = true
    return this.plan.whole
  }
}

/** The interfaces of one node that an operation makes. */
function endsIn(op: DeviceOp, node: string): string[] {
  const ends = op.op === 'veth.add' ? [op, op.peer] : [op]
  return ends.flatMap((end) => (end.node === node ? [end.interface] : []))
}
