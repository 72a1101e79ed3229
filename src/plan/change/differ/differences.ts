// What differs between a topology and a running lab, a line each. Things are compared by the names that people know them by: an
// address of an interface that is made anew is still the same address. Pure.
import type { Difference } from '../../../model/change/lab-change.js'
import { isDevice } from '../../device-op.js'
import { WIRE_NODE } from '../../emulation/links.js'
import type { DeviceOp } from '../../op.js'
import { type ChangeContext, isRemoved } from '../context.js'
import type { DeviceChange } from '../device-changes.js'
import { endsOf, type Fact, type FactOp, type Facts, type Place, placeKey, placesOf } from '../facts/fact.js'
import { isSame } from '../facts/same.js'
import { type Description, describe, deviceText } from './describe.js'

export interface DifferencesInput {
  context: ChangeContext
  /** What the kernel had before anything was removed. */
  kernel: Facts
  changes: readonly DeviceChange[]
  /** Nodes that come or go as a whole: what they have is not told one by one. */
  wholeNodes: ReadonlySet<string>
  /** Ends of links whose emulation changes, as `placeKey` has them. */
  emulated: ReadonlySet<string>
}

export class Differences {
  private readonly context: ChangeContext
  private readonly kernel: Facts
  private readonly names = new Map<string, string>()
  private readonly kept = new Set<string>()
  /** Interfaces that come, and those that go, as `placeKey` has them. */
  private readonly coming = new Set<string>()
  private readonly going = new Set<string>()

  constructor(private readonly input: DifferencesInput) {
    this.context = input.context
    this.kernel = input.kernel
    for (const { name: node, interfaces } of this.context.target.nodes) {
      for (const { name, index } of interfaces) this.names.set(placeKey({ node, index }), name)
    }
    for (const { key, op } of this.context.wanted.values()) {
      if (isDevice(op))
        for (const end of placesOf(op)) (this.kernel.has(key) ? this.kept : this.coming).add(placeKey(end))
    }
    for (const { key, op } of this.kernel.values()) {
      if (isDevice(op) && !this.context.wanted.has(key)) for (const end of placesOf(op)) this.going.add(placeKey(end))
    }
  }

  all(): Difference[] {
    return [...this.devices(), ...this.values(), ...this.entries()]
  }

  private isWhole({ node }: { node: string }): boolean {
    return node === WIRE_NODE || this.input.wholeNodes.has(node)
  }

  /** Devices and links that come and go. */
  private *devices(): Generator<Difference> {
    const { wanted } = this.context
    const gone = new Map<string, Fact>()
    for (const fact of this.kernel.values()) {
      if (!isDevice(fact.op) || wanted.has(fact.key)) continue
      gone.set(this.nameOfDevice(fact.op).text, fact)
    }
    const anew = new Set<string>()
    for (const { key, op } of wanted.values()) {
      if (!isDevice(op) || this.kernel.has(key)) continue
      const { node, part, name, text } = this.nameOfDevice(op)
      const old = gone.get(text)
      if (placesOf(op).every((end) => this.isWhole(end))) continue
      if (!old || !isRemoved(old, this.context))
        yield { kind: 'add', node, part, name, ...(part === 'link' ? {} : { to: deviceText(op) }) }
      else {
        anew.add(text)
        const isOwn = this.context.ours.hasDevice(old.op as DeviceOp)
        const why = isOwn ? 'the kernel cannot change it' : 'another interface has taken its name'
        const note = `is made anew, since ${why}`
        yield { kind: 'change', node, part, name, from: deviceText(old.op), to: deviceText(op), note }
      }
    }
    for (const [text, fact] of gone) {
      const op = fact.op as DeviceOp
      if (anew.has(text) || placesOf(op).every((end) => this.isWhole(end))) continue
      const { node, part, name } = this.nameOfDevice(op)
      const kind = isRemoved(fact, this.context) ? 'remove' : 'foreign'
      yield { kind, node, part, name, ...(part === 'link' ? {} : { from: deviceText(op) }), ...this.noteOf(fact) }
    }
  }

  /** Of a link, the names of its ends, the smaller first; with the wire between them, each end alone. */
  private nameOfDevice(op: DeviceOp): { node: string | null; part: string; name: string; text: string } {
    const own = this.nameOf(op.node)(op.index, op.interface)
    if (op.op !== 'veth.add' || op.peer.node.startsWith('@'))
      return { node: op.node, part: 'interface', name: own, text: `${op.node}:${own}` }
    const peer = this.nameOf(op.peer.node)(op.peer.index, op.peer.interface)
    const ends = [`${op.node}:${own}`, `${op.peer.node}:${peer}`]
    return { node: null, part: 'link', name: ends.join(' – '), text: ends.toSorted().join(' – ') }
  }

  /** Values of the devices that stay. */
  private *values(): Generator<Difference> {
    for (const { node, index, values } of this.input.changes) {
      const name = this.names.get(placeKey({ node, index })) ?? String(index)
      for (const { key, from, to } of values) {
        if (key === SEGMENTS && this.input.emulated.has(placeKey({ node, index }))) continue
        const [was, is] = [from, to].map((value) =>
          value === undefined || value === null ? 'none' : this.text(node, key, value),
        )
        yield { kind: 'change', node, part: key, name, from: was as string, to: is as string, ...downNote(key) }
      }
    }
  }

  private text(node: string, key: string, value: unknown): string {
    if (key === SEGMENTS) return value === 1 ? 'single frames' : `up to ${value} segments`
    const isReference = ['parent', 'dev', 'primary'].includes(key) && typeof value === 'number'
    return isReference ? (this.names.get(placeKey({ node, index: value })) ?? String(value)) : String(value)
  }

  private *entries(): Generator<Difference> {
    const kernel = this.described(this.kernel, this.context.wanted)
    const wanted = this.described(this.context.wanted, this.kernel)
    for (const [text, { fact, description }] of wanted) {
      if (this.isWhole(fact.op) || isCompared(fact.op)) continue
      const { node, part, name, value } = description
      const old = kernel.get(text)
      if (!old) {
        if (this.isOnNew(fact.op) && isQuiet(fact.op)) continue
        yield { kind: 'add', node, part, name, ...(value === null ? {} : { to: value }) }
      } else if (fact.key === old.fact.key ? !isSame(old.fact.op, fact.op) : old.description.value !== value) {
        if (this.isOnNew(fact.op) && isQuiet(fact.op)) continue
        yield { kind: 'change', node, part, name, ...fromTo(old.description.value, value) }
      } else if (this.context.notes.has(old.fact.key))
        yield { kind: 'change', node, part, name, ...this.noteOf(old.fact) }
    }
    for (const [text, { fact, description }] of kernel) {
      if (wanted.has(text) || this.isWhole(fact.op) || isCompared(fact.op) || this.goesWithDevice(fact.op)) continue
      const { node, part, name, value } = description
      const kind = isRemoved(fact, this.context) ? 'remove' : 'foreign'
      if (
        kind === 'foreign' &&
        isQuiet(fact.op) &&
        fact.op.op !== 'link.enslave' &&
        fact.op.op !== 'neighbour.add' &&
        fact.op.op !== 'flood.add'
      )
        continue
      yield { kind, node, part, name, ...(value === null ? {} : { from: value }), ...this.noteOf(fact) }
    }
  }

  /** By the name that people know it by. What both have, and what is not told here, is left out. */
  private described(facts: Facts, others: Facts): Map<string, { fact: Fact; description: Description }> {
    const all = new Map<string, { fact: Fact; description: Description }>()
    for (const fact of facts.values()) {
      const other = others.get(fact.key)
      const [now, next] = facts === this.kernel ? [fact, other] : [other, fact]
      if (now && next && isSame(now.op, next.op) && !this.context.notes.has(fact.key)) continue
      const description = describe(fact.op, this.nameOf(fact.op.node))
      if (description) all.set(`${description.node} ${description.part} ${description.name}`, { fact, description })
    }
    return all
  }

  /** The name in the topology, also of an interface that a node renamed. */
  private nameOf(node: string): (index: number, name: string) => string {
    return (index, name) => {
      const key = placeKey({ node, index })
      return (this.kept.has(key) ? this.names.get(key) : undefined) ?? name
    }
  }

  private isOnNew(op: FactOp): boolean {
    return placesOf(op).some((place) => this.coming.has(placeKey(place)))
  }

  private goesWithDevice(op: FactOp): boolean {
    const places: Place[] = op.op === 'veth.add' ? endsOf(op) : placesOf(op)
    return places.some((place) => this.going.has(placeKey(place)))
  }

  private noteOf({ key }: Fact): { note?: string } {
    const note = this.context.notes.get(key)
    return note === undefined ? {} : { note }
  }
}

const SEGMENTS = 'gso_max_segs'

/** Told by whoever compares them. */
const isCompared = ({ op }: FactOp): boolean => op === 'node-sysctl.set' || op === 'sysctl.set'

/** With a new interface, only what has a place in the network is told. */
const isQuiet = ({ op }: FactOp): boolean => !['address.add', 'route.add', 'nexthop.add', 'rule.add'].includes(op)

const downNote = (key: string): { note?: string } =>
  key === 'mac' ? { note: 'goes down and up, so that its link-local address is made from the new one' } : {}

const fromTo = (from: string | null, to: string | null) => ({
  ...(from === null ? {} : { from }),
  ...(to === null ? {} : { to }),
})
