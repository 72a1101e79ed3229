// A lab in the model of the kernel: built by a plan, changed by a change, read as src/lab/read reads it.
import type { EmulatedLink } from '../../../src/model/impairment.js'
import type { KernelKinds } from '../../../src/model/kernel-kinds.js'
import { EVERY_KIND } from '../../../src/model/kernel-kinds.js'
import type { ResolvedTopology } from '../../../src/model/resolved.js'
import { buildPlan } from '../../../src/plan/build.js'
import type { ChangeInput } from '../../../src/plan/change/change-input.js'
import type { ChangePlan } from '../../../src/plan/change/change-plan.js'
import { changeTo } from '../../../src/plan/change/change-to.js'
import { inverseOf, startAgain } from '../../../src/plan/change/inverse.js'
import type { ObservedNode } from '../../../src/plan/change/observed.js'
import { phaseOf, REMOVAL_PHASES } from '../../../src/plan/change/room/phases.js'
import { sysctlsToRead } from '../../../src/plan/change/sysctls-to-read.js'
import { directionOps } from '../../../src/plan/emulation/direction.js'
import { emulatedLinks, WIRE_NODE } from '../../../src/plan/emulation/links.js'
import type { ConfigOp, DeviceOp } from '../../../src/plan/op.js'
import type { Plan } from '../../../src/plan/plan.js'
import { Kernel, leafOf, type ModelInterface, type ModelNode } from './kernel.js'

/** The value of every parameter in a new node. */
const PRISTINE = '0'

export class ModelLab {
  readonly kernel = new Kernel()
  applied: ResolvedTopology
  emulations: (EmulatedLink | null)[]
  lastIndex: number
  /** What was carried out of the last change's first part. */
  done: (DeviceOp | ConfigOp)[] = []

  constructor(
    topology: ResolvedTopology,
    private readonly kinds: KernelKinds = EVERY_KIND,
  ) {
    this.applied = topology
    this.emulations = emulatedLinks(topology.links, kinds)
    this.lastIndex = Math.max(...topology.nodes.flatMap(({ interfaces }) => interfaces.map(({ index }) => index)))
    this.kernel.addNode(WIRE_NODE, null)
    this.execute(buildPlan(topology, kinds))
  }

  change(desired: ResolvedTopology, prune = false): ChangePlan {
    return changeTo(this.input(desired, prune))
  }

  input(desired: ResolvedTopology, prune = false): ChangeInput {
    const { applied, emulations, lastIndex, kinds } = this
    const ask = sysctlsToRead(desired, applied, [])
    const observed = [...this.kernel.nodes.values()]
      .filter(({ name }) => name !== WIRE_NODE)
      .map((node) => this.observe(node, ask.of(node.name)))
    const pristine = new Map(ask.pristine.map((key) => [key, PRISTINE]))
    const lastLink = Math.max(-1, ...applied.links.map(({ number }, at) => number ?? at))
    return { desired, applied, unfinished: [], observed, lastIndex, lastLink, kinds, emulations, pristine, prune }
  }

  /** Carries out a change, as apply does. */
  apply(plan: ChangePlan): void {
    this.done = []
    for (const name of plan.replacedNodes) this.kernel.endNode(name)
    this.execute(plan.first)
    const form = plan.target.links.map((_, at) => plan.emulations.find(({ link }) => link === at))
    for (const [at, each] of form.entries()) if (each) this.emulate(plan.target, at, each.to)
    for (const { remove } of plan.last) for (const op of remove) this.kernel.perform(op)
    for (const name of plan.removedNodes) this.kernel.endNode(name)
    const before = new Map(this.applied.links.map(({ number }, at) => [number ?? at, this.emulations[at] ?? null]))
    const fresh = emulatedLinks(plan.target.links, this.kinds)
    this.emulations = plan.target.links.map(({ number }, at) => {
      const changed = form[at]
      if (changed) return changed.to
      return before.has(number ?? at) ? (before.get(number ?? at) ?? null) : (fresh[at] ?? null)
    })
    this.applied = plan.target
    this.lastIndex = plan.lastIndex
  }

  /** Carries out the first part of a change, and takes it back. */
  rollBack(plan: ChangePlan): void {
    this.done = []
    this.execute(plan.first)
    for (const op of this.done.toReversed()) {
      const inverse = inverseOf(op)
      this.kernel.perform(inverse)
      const made = inverse.op === 'replace' ? inverse.to : inverse
      if (made.op === 'wireguard.set') this.kernel.start(startAgain(made))
    }
    for (const { node, add } of plan.first.nodes) if (add) this.kernel.endNode(node)
  }

  execute({ nodes, start }: Plan): void {
    for (const { node, add } of nodes) if (add) this.kernel.addNode(add.network ?? node, add.network ? null : add)
    const perform = (ops: readonly (DeviceOp | ConfigOp)[]) => {
      for (const op of ops) {
        this.kernel.perform(op)
        this.done.push(op)
      }
    }
    for (let phase = 0; phase < REMOVAL_PHASES; phase++)
      for (const { remove } of nodes) perform(remove.filter((op) => phaseOf(op) === phase))
    for (const { devices } of nodes) perform(devices)
    for (const { interfaces } of nodes) for (const { config } of interfaces) perform(config)
    for (const { whole } of nodes) perform(whole)
    for (const { running } of nodes) perform(running)
    for (const each of start.flat()) this.kernel.start(each)
  }

  private emulate({ nodes, links }: ResolvedTopology, at: number, to: EmulatedLink | null): void {
    for (const [side, { node, interface: name }] of (links[at]?.endpoints ?? []).entries()) {
      const index = nodes.find((each) => each.name === node)?.interfaces.find((each) => each.name === name)?.index ?? 0
      const link = this.kernel.at(node, index)
      const direction = (to?.backend === 'wire' ? undefined : to)?.emulation.directions[side] ?? { impairment: null }
      link.disciplines = directionOps({ node, interface: name, index, mtu: link.mtu }, direction).flatMap((op) =>
        op.op === 'qdisc.add' ? [{ kind: op.qdisc.kind, parent: 0, handle: op.major << 16 }] : [],
      )
    }
  }

  private observe(node: ModelNode, ask: ReturnType<ReturnType<typeof sysctlsToRead>['of']>): ObservedNode {
    return {
      name: node.name,
      status: 'running',
      interfaces: [...node.interfaces.values()].map((link) => {
        const keys = ask.interfaces.find(({ index }) => index === link.index)?.keys ?? []
        return {
          ...{
            index: link.index,
            name: link.name,
            kind: link.kind,
            mac: link.mac,
            mtu: link.mtu,
            up: link.up,
            running: link.up,
          },
          ...{ master: link.master, peer: link.peer, gsoMaxSegs: link.gso, disciplines: link.disciplines },
          settings: Object.keys(link.settings).length === 0 ? null : link.settings,
          ...(link.wireguard ? { wireguard: link.wireguard } : {}),
          sysctls: Object.fromEntries(keys.map((key) => [key, link.sysctls.get(leafOf(key)) ?? PRISTINE])),
        }
      }),
      entries: node.entries.filter((each) => isShown(each, node)).map((each) => structuredClone(each)),
      sysctls: Object.fromEntries(
        ask.node.flatMap((key) => (key.startsWith('kernel.') ? [] : [[key, node.sysctls.get(key) ?? PRISTINE]])),
      ),
    }
  }
}

/** VLANs are shown of bridges that look at them. */
function isShown(each: ObservedNode['entries'][number], { interfaces }: ModelNode): boolean {
  if (each.op !== 'bridge-vlan.add') return true
  const port = interfaces.get(each.index) as ModelInterface
  const bridge = each.self ? port : interfaces.get(port.master ?? 0)
  return bridge?.settings.vlan_filtering === true
}
