// Builds a lab's network: sends the device and configuration operations of a plan into the nodes' network namespaces,
// and waits until every link runs.
import { closeSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { LabError } from '../errors.js'
import { openHomeNetns, openNetns } from '../kernel/netns.js'
import { type LinkInfo, listLinks, parseLink } from '../kernel/rtnl/link.js'
import { RouteSocket } from '../kernel/socket.js'
import type { Plan } from '../plan/build.js'
import type { ConfigOp, DeviceOp } from '../plan/op.js'
import type { FreshNode } from './nodes.js'
import { requestFor } from './requests.js'

/** Carrier comes within milliseconds; a link that takes this long will not come at all. */
const CARRIER_TIMEOUT_MS = 10_000

/** Told before each stage: how many operations it has. */
export type StageListener = (stage: 'devices' | 'configuration' | 'carrier', count: number) => void

/**
 * Carries out the network part of a plan. Opens and closes everything it needs.
 *
 * @throws KernelError with the operation, node and interface that the kernel refused, and its words.
 */
export async function buildNetwork(
  plan: Plan,
  nodes: readonly FreshNode[],
  onStage: StageListener,
  signal: AbortSignal | undefined,
): Promise<void> {
  using namespaces = NodeNamespaces.open(nodes)
  onStage('devices', plan.devices.length)
  await namespaces.carryOut(plan.devices)
  signal?.throwIfAborted()
  onStage('configuration', plan.config.length)
  await namespaces.carryOut(plan.config)
  signal?.throwIfAborted()
  onStage('carrier', nodes.length)
  await namespaces.waitForCarrier(signal)
}

interface OpenNode {
  name: string
  fd: number
  socket: RouteSocket
}

/** An open network namespace and a socket in it for each node of a lab. */
class NodeNamespaces implements Disposable {
  private constructor(private readonly nodes: Map<string, OpenNode>) {}

  static open(nodes: readonly FreshNode[]): NodeNamespaces {
    const opened = new NodeNamespaces(new Map())
    using home = openHomeNetns()
    try {
      for (const { name, pid } of nodes) {
        const fd = openNetns(pid)
        opened.nodes.set(name, { name, fd, socket: RouteSocket.open(fd, { home, describe: name }) })
      }
      return opened
    } catch (error) {
      opened[Symbol.dispose]()
      throw error
    }
  }

  /** Sends each node its operations, all nodes side by side. */
  async carryOut(ops: readonly (DeviceOp | ConfigOp)[]): Promise<void> {
    const byNode = groupByNode(ops)
    const netnsFdOf = (name: string) => this.node(name).fd
    await Promise.all(
      [...byNode].map(([name, own]) => this.node(name).socket.send(own.map((op) => requestFor(op, netnsFdOf)))),
    )
  }

  /** Waits until every interface that is up also runs (IFF_RUNNING): only then does the first packet pass. */
  async waitForCarrier(signal: AbortSignal | undefined): Promise<void> {
    const deadline = Date.now() + CARRIER_TIMEOUT_MS
    let waiting = [...this.nodes.values()]
    for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
      const down = await Promise.all(waiting.map(async (node) => ({ node, link: await firstLinkDown(node) })))
      const stuck = down.filter(({ link }) => link !== null)
      if (stuck.length === 0) return
      if (Date.now() > deadline) throw noCarrier(stuck[0])
      waiting = stuck.map(({ node }) => node)
      await setTimeout(pauseMs)
      signal?.throwIfAborted()
    }
  }

  [Symbol.dispose](): void {
    for (const { fd, socket } of this.nodes.values()) {
      socket[Symbol.dispose]()
      closeSync(fd)
    }
    this.nodes.clear()
  }

  private node(name: string): OpenNode {
    const node = this.nodes.get(name)
    if (!node) throw new LabError('INTERNAL', `the plan names node ${name}, which was not created`)
    return node
  }
}

function groupByNode(ops: readonly (DeviceOp | ConfigOp)[]): Map<string, (DeviceOp | ConfigOp)[]> {
  const groups = new Map<string, (DeviceOp | ConfigOp)[]>()
  for (const op of ops) {
    const group = groups.get(op.node)
    if (group) group.push(op)
    else groups.set(op.node, [op])
  }
  return groups
}

async function firstLinkDown({ socket }: OpenNode): Promise<LinkInfo | null> {
  const links = (await socket.dump(listLinks())).map(parseLink)
  return links.find((link) => link.up && !link.running) ?? null
}

const noCarrier = (stuck: { node: OpenNode; link: LinkInfo | null } | undefined): LabError =>
  new LabError('KERNEL_REFUSED', `${stuck?.node.name}:${stuck?.link?.name} is up but has no carrier`)
