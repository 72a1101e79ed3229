// Builds a lab's network once its nodes are there: as soon as a device is made its ends are configured, as soon as a node
// has all its devices it gets its routes, and as soon as all its links are up at both ends it is asked whether they run.
// Not while nodes are being made: both need route netlink's one lock, and of 100 hosts on a switch, 19 of 440 ms of
// processor time went into waiting for it, while this process was put aside for those who make nodes.
import { setImmediate } from 'node:timers/promises'
import { LabError } from '../../errors.js'
import { type NetnsSwitch, openHomeNetns } from '../../kernel/netns.js'
import { createTun } from '../../kernel/tun.js'
import type { Plan } from '../../plan/build.js'
import { type ConfigOp, type DeviceMove, type DeviceOp, type TunAdd, targetOf } from '../../plan/op.js'
import { takeDevice } from '../devices/host-devices.js'
import { waitForCarrier } from './carrier.js'
import { NodeSocket } from './node-socket.js'
import type { FreshNode } from './nodes.js'
import { type RouteOp, requestFor } from './requests.js'
import { tellWireguard } from './wireguard.js'
import { startWireguard } from './wireguard-start.js'

/** What is still to be done in one node. */
interface NodeWork {
  /** null until the node is there. Nothing begins before all of them are. */
  socket: NodeSocket | null
  /** Ready to be sent, in order. */
  queue: (DeviceOp | ConfigOp)[]
  isSending: boolean
  /** Those it makes itself, of the first stage. */
  devices: DeviceOp[]
  /** Interfaces whose devices are neither made nor ahead in this node's own queue. */
  awaited: Set<string>
  /** What configures one interface alone, by its name. */
  interfaces: Map<string, ConfigOp[]>
  /** What needs all interfaces of the node: ports that join a bridge, neighbours, routes. */
  rest: ConfigOp[]
  /** What needs all links of the node to run: next-hop objects, and what comes behind them. */
  last: ConfigOp[]
  /** Configuration operations that are not done. */
  configLeft: number
  /** Ends of this node's links, here and at the other node, that are not up. */
  endsLeft: number
  /** Interfaces that are up with nothing at their other end. */
  withoutCarrier: Set<string>
  isWatched: boolean
  /** Every link runs. */
  isRunning: boolean
  isDone: boolean
}

/** The owner disposes of it, whether it finished or failed, and waits: afterwards, nothing of it is under way. */
export class NetworkBuilder implements AsyncDisposable {
  private readonly home: NetnsSwitch = openHomeNetns()
  private readonly work = new Map<string, NodeWork>()
  /** Node at the other end, by endpoint. */
  private readonly peers = new Map<string, string>()
  /** Those of the first stage; what stands on others is made in the second. */
  private readonly devices: ReadonlySet<DeviceOp | ConfigOp>
  private readonly closing = new AbortController()
  /** What is under way. Never rejects. */
  private readonly tasks = new Set<Promise<void>>()
  private readonly outcome: Promise<void>
  private resolve: () => void = () => {}
  private reject: (error: unknown) => void = () => {}
  private done = 0
  /** What comes when all nodes are done. */
  private readonly last: Plan['start']

  /**
   * @param onNodeDone told how many nodes are connected and configured
   * @param onDevice told, before a device of the machine's own is taken into a node, of that node's namespace
   */
  constructor(
    plan: Plan,
    private readonly onNodeDone: (count: number) => void,
    private readonly onDevice: (node: string, netnsFd: number) => void,
  ) {
    for (const { node } of plan.nodes) this.work.set(node, freshWork())
    this.devices = new Set(plan.devices)
    this.last = plan.start
    for (const op of plan.devices) this.expectDevice(op)
    for (const op of plan.config) this.expectConfig(op)
    this.outcome = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    this.outcome.catch(() => {}) // nobody may ever wait for it
  }

  /** Takes in a node that has come to life. @throws KernelError when its network cannot be entered. */
  add(node: FreshNode): void {
    this.workOf(node.name).socket = NodeSocket.open(node, this.home)
  }

  /**
   * Does everything, in nodes that have all been added; resolves when each is configured and every link runs.
   *
   * @throws KernelError with the operation, node and interface that the kernel refused, and its words; the signal's
   * reason when aborted.
   */
  async build(signal: AbortSignal | undefined): Promise<void> {
    const onAbort = () => this.reject(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      signal?.throwIfAborted()
      for (const [name, work] of this.work) this.begin(name, work)
      if (this.work.size > 0) await this.outcome
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closing.abort()
    const sockets = [...this.work.values()].flatMap(({ socket }) => socket ?? [])
    // A thread may be making a veth into any of the nodes, whose descriptors its request names.
    await Promise.all(sockets.map(({ route }) => route[Symbol.asyncDispose]()))
    await Promise.all(this.tasks)
    for (const socket of sockets) socket[Symbol.dispose]()
    this.home[Symbol.dispose]()
  }

  private expectDevice(op: DeviceOp): void {
    this.workOf(op.node).devices.push(op)
    for (const { node, interface: name } of endsOf(op)) {
      const work = this.workOf(node)
      work.awaited.add(name)
      if (op.op === 'veth.add') work.endsLeft += 2
    }
    if (op.op !== 'veth.add') return
    this.peers.set(endpointOf(op), op.peer.node)
    this.peers.set(endpointOf(op.peer), op.node)
  }

  private expectConfig(op: ConfigOp): void {
    const work = this.workOf(op.node)
    work.configLeft++
    if (op.op === 'link.up' && op.carrier === false) work.withoutCarrier.add(op.interface)
    const isOfInterface =
      op.op === 'wireguard.set' || op.op === 'link.enslave' || op.op === 'link.up' || op.op === 'address.add'
    // A port that joins when it is up already needs all of the others to be, too.
    const joinsBridge = op.op === 'link.enslave' && work.interfaces.get(op.interface)?.some(isLinkUp)
    // What comes behind something that needs all interfaces does so, too.
    if (op.op === 'nexthop.add' || work.last.length > 0) {
      work.last.push(op)
    } else if (!isOfInterface || joinsBridge || work.rest.length > 0) {
      work.rest.push(op)
    } else {
      const own = work.interfaces.get(op.interface)
      if (own) own.push(op)
      else work.interfaces.set(op.interface, [op])
    }
  }

  private begin(name: string, work: NodeWork): void {
    // What is there from the beginning: the loopback interface.
    const present = [...work.interfaces.keys()].filter((each) => !work.awaited.has(each))
    this.enqueue(name, [
      ...present.flatMap((each) => takeConfig(work, each)),
      ...withConfig(work, work.devices),
      ...takeRest(work),
    ])
    this.advance(name)
  }

  private enqueue(node: string, ops: readonly (DeviceOp | ConfigOp)[]): void {
    if (ops.length === 0) return
    const work = this.workOf(node)
    work.queue.push(...ops)
    if (!work.isSending) this.run(() => this.send(work))
  }

  /** Has something go on by itself; the network fails with it. Nothing begins once it is being disposed of. */
  private run(begin: () => Promise<void>): void {
    if (this.closing.signal.aborted) return
    const task = begin()
      .catch(this.reject)
      .finally(() => this.tasks.delete(task))
    this.tasks.add(task)
  }

  /** Sends what a node has waiting, until nothing is. One at a time: a socket does one exchange at a time. */
  private async send(work: NodeWork): Promise<void> {
    work.isSending = true
    while (work.queue.length > 0) {
      const ops = work.queue.splice(0)
      for (const op of ops) {
        this.closing.signal.throwIfAborted()
        if (op.op === 'tun.add') this.makeTun(op)
        if (op.op === 'device.move') await this.takeDevice(op)
        if (op.op === 'wireguard.set') await tellWireguard(op, this.netnsFdOf(op.node), this.home)
      }
      const rest = ops.filter((op): op is RouteOp => op.op !== 'wireguard.set')
      await socketOf(work).route.send(rest.map((op) => requestFor(op, (name) => this.netnsFdOf(name))))
      for (const op of ops) this.settle(op)
    }
    work.isSending = false
  }

  private async takeDevice(op: DeviceMove): Promise<void> {
    const fd = this.netnsFdOf(op.node)
    this.onDevice(op.node, fd)
    await takeDevice(op, fd)
  }

  /** Not by netlink: the thread goes there. */
  private makeTun(op: TunAdd): void {
    const { interface: name, index, mode } = op
    this.home.in(this.netnsFdOf(op.node), () => createTun({ target: targetOf(op), name, index, mode }))
  }

  private settle(op: DeviceOp | ConfigOp): void {
    if (this.devices.has(op)) {
      for (const { node, interface: name } of endsOf(op as DeviceOp)) {
        const work = this.workOf(node)
        if (!work.awaited.has(name)) continue
        this.enqueue(node, takeConfig(work, name))
        this.advance(node)
      }
      return
    }
    this.workOf(op.node).configLeft--
    const peer = op.op === 'link.up' ? this.peers.get(endpointOf(op)) : undefined
    if (peer !== undefined) {
      this.workOf(op.node).endsLeft--
      this.workOf(peer).endsLeft--
      this.advance(peer)
    }
    this.advance(op.node)
  }

  /** Begins whatever a node is now ready for. */
  private advance(node: string): void {
    const work = this.workOf(node)
    this.enqueue(node, takeRest(work))
    if (work.isRunning && work.configLeft === 0 && !work.isDone) this.finishNode(work)
    if (work.awaited.size > 0 || work.configLeft > work.last.length || work.endsLeft > 0 || work.isWatched) return
    work.isWatched = true
    this.run(() => this.watch(node, work))
  }

  private async watch(node: string, work: NodeWork): Promise<void> {
    await setImmediate() // the exchange whose answer made the node ready ends first
    await waitForCarrier(socketOf(work), work.withoutCarrier, this.closing.signal)
    work.isRunning = true
    this.enqueue(node, work.last.splice(0))
    this.advance(node)
  }

  private finishNode(work: NodeWork): void {
    work.isDone = true
    this.onNodeDone(++this.done)
    if (this.done < this.work.size) return
    const netnsFdOf = (name: string) => this.netnsFdOf(name)
    const surroundings = { netnsFdOf, home: this.home, signal: this.closing.signal }
    this.run(() => startWireguard(this.last, surroundings).then(this.resolve))
  }

  private netnsFdOf(name: string): number {
    return socketOf(this.workOf(name)).netnsFd
  }

  private workOf(name: string): NodeWork {
    const work = this.work.get(name)
    if (!work) throw new LabError('INTERNAL', `the plan names node ${name}, which it does not create`)
    return work
  }
}

const freshWork = (): NodeWork => ({
  ...{ socket: null, queue: [], isSending: false, devices: [], awaited: new Set(), interfaces: new Map() },
  ...{
    rest: [],
    configLeft: 0,
    endsLeft: 0,
    withoutCarrier: new Set(),
    isWatched: false,
    isRunning: false,
    isDone: false,
    last: [],
  },
})

function socketOf({ socket }: NodeWork): NodeSocket {
  if (!socket) throw new LabError('INTERNAL', 'a network is built before all of its nodes are there')
  return socket
}

/** What configures one interface alone, from when its device is there or ahead in the queue; once. */
function takeConfig(work: NodeWork, name: string): ConfigOp[] {
  const ops = work.interfaces.get(name) ?? []
  work.interfaces.delete(name)
  work.awaited.delete(name)
  return ops
}

/** Devices, and behind them what configures them in the node that makes them: the kernel does one after the other. */
function withConfig(work: NodeWork, devices: readonly DeviceOp[]): (DeviceOp | ConfigOp)[] {
  // WireGuard has a netlink of its own, which does not wait for route netlink's requests.
  const isRoute = ({ interface: name }: DeviceOp) =>
    !work.interfaces.get(name)?.some(({ op }) => op === 'wireguard.set')
  return [...devices, ...devices.filter(isRoute).flatMap(({ interface: name }) => takeConfig(work, name))]
}

/** What needs all interfaces of a node, once nothing is awaited. */
const takeRest = (work: NodeWork): ConfigOp[] => (work.awaited.size > 0 ? [] : work.rest.splice(0))

const isLinkUp = ({ op }: ConfigOp): boolean => op === 'link.up'

interface End {
  node: string
  interface: string
}

/** The interfaces that an operation makes. All their nodes must be there first. */
const endsOf = (op: DeviceOp): End[] => (op.op === 'veth.add' ? [op, op.peer] : [op])

const endpointOf = (end: End): string => `${end.node}:${end.interface}`
